using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pipelines.KafkaLoad;
using Pipelines.KafkaLoad.Contestants;
using Pipelines.KafkaLoad.Parts;
using Pipelines.Loads;
using Pipelines.Loads.Brokers;

if (args is [OurHost.Verb, .. var rest]) return await OurHost.RunAsync(rest[0], rest[1], rest[2], rest[3]);

string[] allParts = [.. Job.All.Select(static job => job.Name)];
var parts = new Argument<string[]>("parts") { Description = "What to measure: all, or some of the parts.", Arity = ArgumentArity.OneOrMore };
parts.AcceptOnlyFromAmong(["all", .. allParts]);
var broker = new Option<string>("--broker") { Description = "Apache Kafka (KAFKA_HOME), or the broker that ships.", DefaultValueFactory = _ => "kafka" };
broker.AcceptOnlyFromAmong("kafka", "shipped");
var records = new Option<long>("--records") { Description = "How many records the input has.", DefaultValueFactory = _ => 4_000_000 };
var accounts = new Option<int>("--keys") { Description = "How many keys they have.", DefaultValueFactory = _ => 100_000 };
var commit = new Option<int>("--commit-ms") { Description = "The time between commits.", DefaultValueFactory = _ => 100 };
var command = new RootCommand("Measures detectors on a Kafka cluster against Kafka Streams, side by side on this machine.") { parts, broker, records, accounts, commit };
command.SetAction(async parsed =>
{
    if (ApacheKafka.Home is null)
    {
        await Console.Error.WriteLineAsync("KAFKA_HOME is not set, so neither Apache Kafka nor Kafka Streams can be run. Set it to a folder with its jars, start.sh and run.sh.");
        return 1;
    }

    BrokerKind kind = parsed.GetValue(broker) == "kafka" ? new ApacheKafka(Flushes: false) : new OurBroker("os");
    var settings = new Settings(parsed.GetValue(records), parsed.GetValue(accounts), TimeSpan.FromMilliseconds(parsed.GetValue(commit)), FreePort());
    string[] asked = parsed.GetValue(parts)!;
    Contestant[] contestants = [new OurHost(), new KafkaStreams()];
    var report = new Report([.. contestants.Select(static one => one.Name)]);
    foreach (Job job in Job.All)
    {
        if (asked.Contains("all") || asked.Contains(job.Name)) await Steady.RunAsync(report, job, contestants, kind, settings);
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind.Name}, {settings.Records} records of 100 bytes, {settings.Accounts} keys, commits every {settings.Commit.TotalMilliseconds} ms"));
    Console.WriteLine();
    report.Print();
    return 0;
});
return await command.Parse(args).InvokeAsync();

static int FreePort()
{
    using var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    return ((IPEndPoint)listener.LocalEndpoint).Port;
}
