using System.Text;
using Microsoft.Win32.SafeHandles;
using Pipelines.Cli;

// Console.Out flushes every line; a stream of records is written in pieces, and flushed where a command has said what it has to say.
var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
var output = new StreamWriter(OpenOutput(), encoding, bufferSize: 64 * 1024);
var input = new StreamReader(Console.OpenStandardInput(), encoding, detectEncodingFromByteOrderMarks: false, bufferSize: 64 * 1024);
var terminal = new Terminal(input, output, Console.Error)
{
    ShowsProgress = !Console.IsErrorRedirected,
    Bootstrap = Environment.GetEnvironmentVariable("PIPELINES_BOOTSTRAP"),
    Password = Environment.GetEnvironmentVariable("PIPELINES_PASSWORD"),
};
return await CommandLine.RunAsync(args, terminal);

// The console's own stream says nothing when the reader of a pipe has gone, and 'consume | head' would go on for ever. It alone writes to where a file is, and
// not to where it was: what others write to the same file must not be written over.
static Stream OpenOutput()
{
    if (!Console.IsOutputRedirected || OperatingSystem.IsWindows()) return Console.OpenStandardOutput();
    var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
    return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
}
