using System.Text;
using Pipelines.Cli;

// Console.Out flushes every line; a stream of records is written in pieces, and flushed where a command has said what it has to say.
var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
await using var output = new StreamWriter(Console.OpenStandardOutput(), encoding, bufferSize: 64 * 1024);
using var input = new StreamReader(Console.OpenStandardInput(), encoding, detectEncodingFromByteOrderMarks: false, bufferSize: 64 * 1024);
var terminal = new Terminal(input, output, Console.Error)
{
    ShowsProgress = !Console.IsErrorRedirected,
    Bootstrap = Environment.GetEnvironmentVariable("PIPELINES_BOOTSTRAP"),
};
return await CommandLine.RunAsync(args, terminal);
