using System.CommandLine;
using Pipelines.Cli.Commands;

var root = new RootCommand("Pipelines: a broker to run, and what people ask of one.")
{
    BrokerCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
