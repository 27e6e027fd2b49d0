using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Recovery;
using Pipelines.Broker.Server;

namespace Pipelines.Cli.Commands;

/// <summary><c>pipelines broker</c>: runs the shipped broker until it is told to end.</summary>
internal static class BrokerCommand
{
    internal static Command Create()
    {
        var data = new Option<DirectoryInfo>("--data") { Description = "The folder of the log.", DefaultValueFactory = static _ => new DirectoryInfo(DefaultFolder) };
        var listen = new Option<Address>("--listen")
        {
            Description = "Where to listen, as host:port; port 0 takes a free one.",
            DefaultValueFactory = static _ => new Address("127.0.0.1", 9092),
            CustomParser = static result =>
            {
                if (Address.TryParse(result.Tokens[0].Value, out Address address)) return address;
                result.AddError($"'{result.Tokens[0].Value}' is no address to listen on. Write host:port, such as 127.0.0.1:9092.");
                return default;
            },
        };
        var advertise = new Option<string?>("--advertise") { Description = "Where clients are told to connect to, as host:port; where they have reached the broker when not given." };
        var config = new Option<FileInfo?>("--config") { Description = "A file of NAME=VALUE lines, in Kafka's names." };
        var insecure = new Option<bool>("--insecure") { Description = "Listen beyond loopback without TLS and authentication." };
        var durability = new Option<Durability>("--durability") { Description = "Acknowledge a write when it is on the disk (fsync), or when the operating system has it (os)." };
        var command = new Command("broker", "Runs a broker that any Kafka client can use.") { data, listen, advertise, config, insecure, durability };
        command.SetAction((parsed, cancellation) => RunAsync(
            new BrokerArguments(
                parsed.GetValue(data)!.FullName, parsed.GetValue(listen), parsed.GetValue(advertise), parsed.GetValue(config), parsed.GetValue(insecure), parsed.GetValue(durability)),
            cancellation));
        return command;
    }

    private static string DefaultFolder => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "pipelines", "broker");

    private static async Task<int> RunAsync(BrokerArguments arguments, CancellationToken cancellation)
    {
        try
        {
            BrokerSetup setup = BrokerSetup.Read(arguments);
            foreach (string warning in setup.Warnings) await Console.Error.WriteLineAsync($"pipelines broker: {warning}");
            using ILoggerFactory logging = LoggerFactory.Create(static builder => builder
                .AddSimpleConsole(static console =>
                {
                    console.SingleLine = true;
                    console.TimestampFormat = "HH:mm:ss ";
                })
                .AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace));
            await using BrokerHost host = await BrokerHost.StartAsync(setup.Engine(logging), setup.Server(logging), setup.Groups());
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"pipelines broker: listening on {host.Server.Address}, data in {arguments.DataFolder}"));
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
            {
                signal.Cancel = true;
                stopped.TrySetResult();
            });
            using CancellationTokenRegistration interrupt = cancellation.Register(() => stopped.TrySetResult());
            if (await Task.WhenAny(stopped.Task, host.Engine.Failed) == stopped.Task) return 0;
            return Fail((await host.Engine.Failed).Message);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or DataFolderLockedException or CorruptLogException or BrokerSetupException or StorageFailedException)
        {
            return Fail(refused.Message);
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"pipelines broker: {message}");
        return 1;
    }
}

/// <summary>What was typed.</summary>
internal sealed record BrokerArguments(string DataFolder, Address Listen, string? Advertise, FileInfo? Config, bool IsInsecure, Durability Durability);
