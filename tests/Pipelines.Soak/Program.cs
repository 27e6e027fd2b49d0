using System.CommandLine;
using Pipelines.Simulation.World;
using Pipelines.Soak;
using Pipelines.Soak.Brokers;
using Pipelines.Soak.Brokers.Processes;
using Pipelines.Soak.Eos;
using Pipelines.Soak.Fuzzing;
using Pipelines.Soak.Scaling;
using Pipelines.Soak.Stock;

var records = new Option<long>("--records") { Description = "How many records to drive through.", DefaultValueFactory = _ => 200_000 };
var kills = new Option<int>("--kills") { Description = "How often to kill the process.", DefaultValueFactory = _ => 10 };
var seed = new Option<int>("--seed") { Description = "Decides when it is killed.", DefaultValueFactory = _ => 1 };
var off = new Option<Protection>("--break") { Description = "Switches one protection off; the oracle must notice." };
var data = new Option<string>("--data") { Description = "The folder.", Required = true };

var ends = new Option<bool>("--ends") { Description = "End when the records are handled." };

var crash = new Command("crash", "Kills the process at random moments, restarts it, and recomputes everything at the end.") { records, kills, seed, off };
crash.SetAction(parsed => Crash.RunAsync(parsed.GetValue(records), parsed.GetValue(kills), parsed.GetValue(seed), parsed.GetValue(off)));
var child = new Command("child", "The process that is killed; started by crash.") { data, records, ends, seed, off };
child.SetAction(parsed => Child.RunAsync(parsed.GetValue(data)!, parsed.GetValue(records), parsed.GetValue(ends), parsed.GetValue(seed), parsed.GetValue(off)));
var frames = new Option<long>("--frames") { Description = "How many frames to send.", DefaultValueFactory = _ => 10_000_000 };
var fuzz = new Command("fuzz", "Sends a broker frames that are changed at random; it must answer or close, and neither fail, hang nor allocate beyond the frame.") { frames, seed };
fuzz.SetAction(parsed => Fuzz.RunAsync(parsed.GetValue(frames), parsed.GetValue(seed)));
var scaleBroker = new Option<ScaleBroker>("--broker") { Description = "The broker that the processes share.", DefaultValueFactory = _ => ScaleBroker.Shipped };
var kill = new Option<bool>("--kill") { Description = "End the second process with SIGKILL and not with SIGTERM." };
var scale = new Command("scale", "One process, then two, then one again on a topic with four partitions; every output and state is recomputed at the end.") { records, scaleBroker, kill };
scale.SetAction(parsed => Scale.RunAsync(parsed.GetValue(records), parsed.GetValue(scaleBroker), parsed.GetValue(kill)));
var bootstrap = new Option<string>("--bootstrap") { Description = "The broker.", Required = true };
var clientId = new Option<string>("--client-id") { Description = "What its connections say who they are.", DefaultValueFactory = _ => ScaleMember.ClientId };
var eosOff = new Option<EosProtection>("--break") { Description = "Switches protections off, one or several with commas between; the oracle must notice." };
var scaled = new Command("scale-member", "One of the processes; started by scale and eos.") { bootstrap, clientId, eosOff };
scaled.SetAction(parsed => ScaleMember.RunAsync(parsed.GetValue(bootstrap)!, parsed.GetValue(clientId)!, parsed.GetValue(eosOff)));

var faults = new Option<string>("--faults") { Description = "all, or some by their numbers: F2,F8,F23.", DefaultValueFactory = _ => "all" };
var minutes = new Option<double>("--minutes") { Description = "How long; the round that is under way comes to its end.", DefaultValueFactory = _ => 1 };
var workload = new Option<Workload>("--case") { Description = "Idempotent for idempotent producers alone." };
var protection = new Option<BrokerProtection>("--break") { Description = "Switches one protection off; the checker must notice." };
var broker = new Command("broker", "Puts the shipped broker under faults while clients work, and judges from what they recorded.") { faults, minutes, seed, workload, protection };
broker.SetAction(parsed => BrokerSoak.RunAsync(parsed.GetValue(faults)!, parsed.GetValue(minutes), parsed.GetValue(seed), parsed.GetValue(workload), parsed.GetValue(protection)));
var order = new Option<string>("--order") { Description = "What it does, as JSON.", Required = true };
var brokerClient = new Command("broker-client", "A client that is killed or frozen; started by broker.") { order };
brokerClient.SetAction(parsed => ClientProgram.RunAsync(parsed.GetValue(order)!));
var eosBroker = new Option<EosBroker>("--broker") { Description = "What the workers run on.", DefaultValueFactory = _ => EosBroker.Shipped };
var eosFaults = new Option<string?>("--faults") { Description = "all, or some by their names: kill,zombie,broker-kill,cut-answer:EndTxn. Without it all, or with --break those under which it must be noticed." };
var downSeconds = new Option<double>("--down-seconds") { Description = "How long the broker stays away with broker-down.", DefaultValueFactory = _ => 15 };
var eos = new Command("eos", "Workers with four kinds of detectors under faults of their own, of the broker and of the network between; everything is recomputed at the end.") { eosBroker, eosFaults, minutes, seed, downSeconds, eosOff };
eos.SetAction(parsed => EosSoak.RunAsync(
    parsed.GetValue(eosBroker), parsed.GetValue(eosFaults) ?? EosProtections.FaultsFor(parsed.GetValue(eosOff)), parsed.GetValue(minutes), parsed.GetValue(seed), parsed.GetValue(downSeconds), parsed.GetValue(eosOff)));
var stock = new Command("stock", "Stock Java clients, an idempotent producer and a transactional copier, while the broker is killed and started again; all is read back.") { scaleBroker, minutes, seed };
stock.SetAction(parsed => StockSoak.RunAsync(parsed.GetValue(scaleBroker), parsed.GetValue(minutes), parsed.GetValue(seed)));
return await new RootCommand("Puts real processes under faults and counts what goes wrong.") { crash, child, fuzz, scale, scaled, eos, broker, brokerClient, stock }.Parse(args)
    // The host of a member ends by itself when it is asked to.
    .InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
