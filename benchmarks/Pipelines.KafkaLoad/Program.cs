using System.CommandLine;
using System.Globalization;
using Pipelines.KafkaLoad;
using Pipelines.KafkaLoad.Contestants;
using Pipelines.KafkaLoad.Parts;
using Pipelines.Loads;
using Pipelines.Loads.Brokers;

if (args is [OurHost.Verb, .. var ours]) return await OurHost.RunAsync(ours[0], ours[1], ours[2], ours[3], ours[4]);
if (args is [ConfluentLoop.Verb, .. var loop]) return ConfluentLoop.Run(loop[0], loop[1], loop[2], loop[3]);

Part[] allParts = Part.All;
var parts = new Argument<string[]>("parts") { Description = "What to measure: all, or some of the parts.", Arity = ArgumentArity.OneOrMore };
parts.AcceptOnlyFromAmong(["all", .. allParts.Select(static part => part.Name)]);
var broker = new Option<string>("--broker") { Description = "Apache Kafka (KAFKA_HOME), or the broker that ships.", DefaultValueFactory = _ => "kafka" };
broker.AcceptOnlyFromAmong("kafka", "shipped");
var records = new Option<long>("--records") { Description = "How many records the input has.", DefaultValueFactory = _ => 4_000_000 };
var accounts = new Option<int>("--keys") { Description = "How many keys they have.", DefaultValueFactory = _ => 100_000 };
var commit = new Option<int>("--commit-ms") { Description = "The time between commits.", DefaultValueFactory = _ => 100 };
var rate = new Option<int>("--rate") { Description = "Records a second of the latency part.", DefaultValueFactory = _ => 100_000 };
var only = new Option<string>("--only") { Description = "Measures only those whose names begin so, such as pipelines.", DefaultValueFactory = _ => "" };
var command = new RootCommand("Measures detectors on a Kafka cluster against Kafka Streams and a loop by hand, side by side on this machine; outputs are checked.") { parts, broker, records, accounts, commit, rate, only };
command.SetAction(async parsed =>
{
    if (ApacheKafka.Home is null)
    {
        await Console.Error.WriteLineAsync("KAFKA_HOME is not set, so neither Apache Kafka nor Kafka Streams can be run. Set it to a folder with its jars, start.sh and run.sh.");
        return 1;
    }

    BrokerKind kind = parsed.GetValue(broker) == "kafka" ? new ApacheKafka(Flushes: false) : new OurBroker("os");
    var settings = new Settings(
        parsed.GetValue(records), parsed.GetValue(accounts), TimeSpan.FromMilliseconds(parsed.GetValue(commit)), parsed.GetValue(rate), FreePort.Find());
    string[] asked = parsed.GetValue(parts)!;
    foreach (Part part in allParts)
    {
        if (!asked.Contains("all") && !asked.Contains(part.Name)) continue;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{part.Name} on {kind.Name}: {part.Describe(settings)}"));
        Console.WriteLine();
        Contestant[] contestants = [.. part.Contestants.Where(one => one.Name.StartsWith(parsed.GetValue(only)!, StringComparison.OrdinalIgnoreCase))];
        var report = new Report([.. contestants.Select(static one => one.Name)]);
        await part.RunAsync(report, contestants, kind, settings);
        report.Print();
        Console.WriteLine();
    }

    return 0;
});
return await command.Parse(args).InvokeAsync();
