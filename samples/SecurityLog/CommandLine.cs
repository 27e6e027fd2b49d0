using System.CommandLine;
using System.Net;
using Pipelines.Broker.Server;
using Pipelines.Kafka;
using Pipelines.Topology;
using SecurityLog.Sources;

namespace SecurityLog;

/// <summary>The command line: options, their checks, and help.</summary>
internal static class CommandLine
{
    private static readonly Option<string[]> Input = new("--input", "-i")
    {
        Description = "A file to read, or - for standard input; may be given several times. A file that was read before goes on from its position. Without --exit files are followed by name, through truncation and rotation.",
        AllowMultipleArgumentsPerToken = true,
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> Listen = new("--listen", "-l")
    {
        Description = "Receive syslog on this address and port over UDP and TCP, such as 127.0.0.1:5514 (port 0 takes a free one).",
        HelpName = "HOST:PORT",
    };

    private static readonly Option<string?> Topic = new("--topic")
    {
        Description = "Read raw syslog lines that other clients write to this topic of the log; 'syslog' is the detectors' own.",
        HelpName = "NAME",
    };

    private static readonly Option<string?> Broker = new("--broker")
    {
        Description = "Keep the log on a Kafka cluster, such as kafka://127.0.0.1:9092; on the embedded broker unless said.",
        HelpName = "kafka://HOST:PORT",
    };

    private static readonly Option<string?> Serve = new("--serve")
    {
        Description = "Let Kafka clients of this machine read and write the log's topics at this address, such as 127.0.0.1:9092 (port 0 takes a free one).",
        HelpName = "HOST:PORT",
    };

    private static readonly Option<int?> Year = new("--year")
    {
        Description = "The year of lines whose time names none (RFC 3164); this year, UTC, unless said.",
        HelpName = "N",
    };

    private static readonly Option<bool> Exit = new("--exit") { Description = "End when the inputs are drained and committed." };

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "The folder that keeps the log; in the user's local application data unless said.",
        HelpName = "DIR",
    };

    private static readonly Option<int> Idle = new("--idle")
    {
        Description = "Close a TCP connection that was silent for so many seconds.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 600,
    };

    private static readonly Option<int> MaxConnections = new("--connections")
    {
        Description = "Hold at most so many TCP connections; for one more, the one that was silent the longest is closed.",
        HelpName = "N",
        DefaultValueFactory = _ => 256,
    };

    private static readonly Option<string?> Topology = new("--topology")
    {
        Description = "Print the generated topology and end.",
        HelpName = "json|mermaid",
    };

    /// <summary>Parses and runs.</summary>
    internal static Task<int> RunAsync(string[] args, Func<SecurityLogOptions, Task<int>> run)
    {
        Topology.AcceptOnlyFromAmong("json", "mermaid");
        Listen.Validators.Add(static result =>
        {
            string? text = result.GetValueOrDefault<string?>();
            if (text is not null && !TryParseAddress(text, out _)) result.AddError($"--listen '{text}' is not an address and port; write it as 127.0.0.1:5514.");
        });
        Broker.Validators.Add(static result =>
        {
            string? text = result.GetValueOrDefault<string?>();
            if (text is not null && !KafkaOptions.TryParse(text, out _))
                result.AddError("--broker does not name a cluster; write it as kafka://127.0.0.1:9092. To let Kafka clients reach the embedded broker, use --serve.");
            if (text is not null && result.GetResult(Serve) is not null) result.AddError("--serve is for the embedded broker, and --broker names another: leave one of them out.");
        });
        Serve.Validators.Add(static result =>
        {
            string? text = result.GetValueOrDefault<string?>();
            if (text is not null && !(Address.TryParse(text, out Address address) && address.IsLoopback))
                result.AddError($"--serve '{text}' is not an address of this machine; there is no login, so write it as 127.0.0.1:9092.");
        });
        Year.Validators.Add(static result =>
        {
            int? year = result.GetValueOrDefault<int?>();
            if (year is < 1 or > 9999) result.AddError($"--year {year} is not a year; use 1 to 9999.");
        });
        Idle.Validators.Add(static result => RequirePositive(result, "--idle"));
        MaxConnections.Validators.Add(static result => RequirePositive(result, "--connections"));
        var command = new RootCommand(
            """
            Reads syslog and prints findings, each exactly once: requests for invalid users, and brute force per address.

            Examples:
              SecurityLog                                          plays a sample log, then listens on 127.0.0.1:5514
              SecurityLog --input auth.log --year 2025 --exit      one file, then ends
              SecurityLog --broker kafka://127.0.0.1:9092          the same on a Kafka cluster
              SecurityLog --listen 127.0.0.1:5514                  logger -n 127.0.0.1 -P 5514 -t sshd "Invalid user x from 10.0.0.1"
            """)
        {
            Input, Listen, Topic, Broker, Serve, Year, Exit, Data, Idle, MaxConnections, Topology,
        };
        command.SetAction(parsed => parsed.GetValue(Topology) is { } form ? Task.FromResult(Print(form)) : run(Read(parsed)));
        // The program has its own way of ending on a signal: what is done gets committed first, and that is a success.
        return command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static SecurityLogOptions Read(ParseResult parsed)
    {
        string[] inputs = parsed.GetValue(Input) ?? [];
        string? listen = parsed.GetValue(Listen);
        bool playsSample = inputs.Length == 0 && listen is null && parsed.GetValue(Topic) is null;
        IPEndPoint? address = null;
        if (listen is not null) TryParseAddress(listen, out address);
        bool exits = parsed.GetValue(Exit);
        if (playsSample && !exits) address = new IPEndPoint(IPAddress.Loopback, 5514);
        return new SecurityLogOptions(
            inputs,
            address,
            parsed.GetValue(Year) ?? DateTime.UtcNow.Year,
            exits,
            Path.GetFullPath(parsed.GetValue(Data) ?? Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "pipelines", "security-log")),
            playsSample,
            new ConnectionLimits(parsed.GetValue(MaxConnections), TimeSpan.FromSeconds(parsed.GetValue(Idle))),
            parsed.GetValue(Topic),
            parsed.GetValue(Year) is not null,
            parsed.GetValue(Serve),
            parsed.GetValue(Broker));
    }

    private static void RequirePositive(System.CommandLine.Parsing.OptionResult result, string name)
    {
        if (result.GetValueOrDefault<int>() is < 1 or > 1_000_000) result.AddError($"{name} takes a number from 1 to 1000000.");
    }

    private static int Print(string form)
    {
        DeploymentTopology topology = DeploymentTopology.Of(typeof(CommandLine).Assembly);
        Console.Out.WriteLine(form == "json" ? topology.Json : topology.Mermaid);
        return 0;
    }

    private static bool TryParseAddress(string text, out IPEndPoint? address)
    {
        if (text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase)) text = $"127.0.0.1:{text["localhost:".Length..]}";
        // A lone number would be taken for an address with port 0.
        bool hasPort = text.LastIndexOf(':') is > 0 and var colon && text[^1] != ']' && colon < text.Length - 1;
        return IPEndPoint.TryParse(text, out address) && hasPort;
    }
}
