using System.CommandLine;
using Pipelines.Benchmarks;

var only = new Option<string?>("--only") { Description = "Runs one part." };
only.AcceptOnlyFromAmong("task", "layers", "end-to-end");
var alone = new Option<string?>("--alone") { Description = "Repeats one contestant for ten seconds, so that a profiler sees nothing else." };
alone.AcceptOnlyFromAmong("generated", "hand-written");
var records = new Option<int>("--records") { Description = "How many records.", DefaultValueFactory = _ => 2_000_000 };
var keys = new Option<int>("--keys") { Description = "How many accounts the trades of the task's rows are spread over.", DefaultValueFactory = _ => 10_000 };
var command = new RootCommand("Measures the project against other ways to do the same, side by side.") { only, alone, records, keys };
command.SetAction(async parsed =>
{
    if (parsed.GetValue(alone) is { } contestant)
    {
        TaskRows.Repeat(contestant, parsed.GetValue(records), parsed.GetValue(keys));
        return 0;
    }

    string? part = parsed.GetValue(only);
    if (part is null or "task") TaskRows.Run(parsed.GetValue(records), parsed.GetValue(keys));
    if (part is null or "layers") Layers.Run(parsed.GetValue(records), parsed.GetValue(keys));
    if (part is null or "end-to-end")
    {
        await EndToEnd.RunAsync(parsed.GetValue(records), touches: false);
        await EndToEnd.RunAsync(parsed.GetValue(records), touches: true);
    }

    return 0;
});
return await command.Parse(args).InvokeAsync();
