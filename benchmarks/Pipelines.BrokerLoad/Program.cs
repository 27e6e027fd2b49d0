using System.CommandLine;
using Pipelines.BrokerLoad;
using Pipelines.Loads.Brokers;

string[] allParts = ["prepared", "stock", "transactions", "start"];
var only = new Option<string[]>("--only") { Description = "Runs these parts only.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => allParts };
only.AcceptOnlyFromAmong(allParts);
var brokers = new Option<string[]>("--brokers") { Description = "Measures these only.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["fsync", "os", "kafka", "kafka-fsync"] };
brokers.AcceptOnlyFromAmong("fsync", "os", "kafka", "kafka-fsync");
var records = new Option<long>("--records") { Description = "How many records a load has.", DefaultValueFactory = _ => 4_000_000 };
var transactions = new Option<int>("--transactions") { Description = "How many transactions of one record.", DefaultValueFactory = _ => 2_000 };
var folder = new Option<DirectoryInfo?>("--data") { Description = "Where the brokers keep their logs; a temporary folder when not given." };
var published = new Option<FileInfo?>("--published") { Description = "Ours as published (Pipelines.Cli.dll); as built beside this program when not given." };
var command = new RootCommand("Measures the shipped broker against Apache Kafka (KAFKA_HOME) on this machine, side by side in one run.") { only, brokers, records, transactions, folder, published };
command.SetAction(async parsed =>
{
    BrokerKind[] kinds = [.. parsed.GetValue(brokers)!.Select(name => name switch
    {
        "kafka" => (BrokerKind)new ApacheKafka(Flushes: false),
        "kafka-fsync" => new ApacheKafka(Flushes: true),
        _ => new OurBroker(name, parsed.GetValue(published)?.FullName),
    })];
    if (ApacheKafka.Home is null && (kinds.OfType<ApacheKafka>().Any() || parsed.GetValue(only)!.Contains("stock")))
    {
        await Console.Error.WriteLineAsync("KAFKA_HOME is not set, so Apache Kafka and its tools cannot be run. Set it, or leave them out with --brokers and --only.");
        return 1;
    }

    DirectoryInfo data = parsed.GetValue(folder) ?? Directory.CreateTempSubdirectory("pipelines-load-");
    try
    {
        await new Run(kinds, parsed.GetValue(only)!.ToHashSet(), parsed.GetValue(records), parsed.GetValue(transactions)).RunAsync(data.FullName);
        return 0;
    }
    finally
    {
        data.Delete(recursive: true);
    }
});
return await command.Parse(args).InvokeAsync();
