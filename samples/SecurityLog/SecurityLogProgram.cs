using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Recovery;
using Pipelines.Hosting;
using Pipelines.Runtime;
using Pipelines.Runtime.Brokers;
using SecurityLog.Alerts;
using SecurityLog.Ingest;
using SecurityLog.Sources;
using SecurityLog.Terminal;

namespace SecurityLog;

/// <summary>The main job: sources, the pipeline host, and the alerts' way out.</summary>
internal sealed class SecurityLogProgram(SecurityLogOptions options)
{
    private readonly Channel<LineBatch> lines = Channel.CreateBounded<LineBatch>(new BoundedChannelOptions(16) { SingleReader = true });
    private readonly TaskCompletionSource interrupted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs the job.</summary>
    /// <returns>0, or 1 when something was wrong; one line on standard error says what.</returns>
    internal async Task<int> RunAsync()
    {
        using PosixSignalRegistration interrupt = OnSignal(PosixSignal.SIGINT);
        using PosixSignalRegistration terminate = OnSignal(PosixSignal.SIGTERM);
        try
        {
            return await RunCoreAsync();
        }
        catch (Exception wrong) when (wrong is SourceException or DataFolderLockedException or CorruptLogException or StorageFailedException or BrokerException or TopologyException or UnauthorizedAccessException or IOException)
        {
            await Console.Error.WriteLineAsync($"error: {wrong.Message}");
            return 1;
        }
    }

    private async Task<int> RunCoreAsync()
    {
        await using Inputs inputs = Inputs.Open(options, lines.Writer);
        using SyslogListener? listener = options.Listen is { } address ? SyslogListener.Open(address, lines.Writer, options.Connections, TimeProvider.System) : null;
        await Console.Error.WriteLineAsync(options.Broker is { } cluster ? $"The log is kept at {cluster}" : $"The log is kept in {options.DataFolder}");
        using IHost host = BuildHost();
        if (!await StartAsync(host)) return 0;
        var pipelines = host.Services.GetRequiredService<PipelineHost>();
        IBroker broker = pipelines.Broker;
        await using Ingestor ingestor = await Ingestor.OpenAsync(broker, options.Year, options.IsYearGiven, TimeProvider.System);
        using var statusStop = new CancellationTokenSource();
        using var readingStop = new CancellationTokenSource();
        AlertPrinter printer = null!;
        var status = new StatusLine(Console.Error, !Console.IsErrorRedirected, TimeProvider.System, () => Snapshot(pipelines, ingestor, printer, listener));
        await using AlertPrinter opened = printer = await AlertPrinter.OpenAsync(broker, Console.OpenStandardOutput(), status.Around);
        if (pipelines.Address is { } reached) await Console.Error.WriteLineAsync($"Kafka clients reach the log at {reached}");
        if (listener is not null) await Console.Error.WriteLineAsync($"Listening for syslog on {listener.Address}, UDP and TCP");

        Task showing = status.RunAsync(statusStop.Token);
        Task printing = printer.RunAsync();
        Task ingesting = IngestAsync(ingestor);
        Task listening = listener?.RunAsync() ?? Task.CompletedTask;
        Task reading = inputs.RunAsync(ingestor.PositionOf, warning => status.WriteLine($"warning: {warning}"), !options.Exit, TimeProvider.System, readingStop.Token);
        // The detectors' own topic is read by them, whoever writes to it.
        if (options.Topic is { } topic && topic != Ingestor.Topic)
            reading = Task.WhenAll(reading, new TopicSource(broker, topic, lines.Writer).RunAsync(ingestor.PositionOf, !options.Exit, readingStop.Token));

        Task ended = options.Exit ? reading : FailureOfAsync(reading);
        Task first = await Task.WhenAny(ended, interrupted.Task, ingesting, printing, pipelines.Worker.Completion);
        if (ingesting.IsFaulted) await ingesting;
        if (first == ended) await ended;
        await readingStop.CancelAsync();
        listener?.Stop();
        await listening;
        lines.Writer.TryComplete();
        await ingesting;
        if (first == ended) await pipelines.Worker.DrainAsync();
        printer.Stop();
        await printing;
        await statusStop.CancelAsync();
        await showing;
        await pipelines.StopAsync(CancellationToken.None);
        return pipelines.Failure is { } failure ? throw failure : 0;
    }

    private IHost BuildHost()
    {
        // The program has its own signals and its own output: of the host it takes services, options and logging.
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddSimpleConsole(static console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // What keeps the host from starting is told below in one line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        // A line that is no syslog is counted in the status, where a log line each would drown it; a failure is told below in one line.
        builder.Logging.AddFilter("Pipelines.Worker", LogLevel.None);
        builder.Services.AddPipelines(settings =>
        {
            settings.Application = "security-log";
            settings.Broker = options.Broker ?? "";
            settings.DataFolder = options.DataFolder;
            settings.Listen = options.Serve ?? "";
        }).AddDetectors(typeof(SecurityLogProgram).Assembly);
        return builder.Build();
    }

    /// <summary>Starts the host, which waits for a cluster that is not there yet.</summary>
    /// <returns><see langword="false"/> when the program was interrupted meanwhile.</returns>
    private async Task<bool> StartAsync(IHost host)
    {
        using var waiting = new CancellationTokenSource();
        Task starting = host.StartAsync(waiting.Token);
        if (await Task.WhenAny(starting, interrupted.Task) != starting) await waiting.CancelAsync();
        try
        {
            await starting;
            return true;
        }
        catch (OperationCanceledException) when (waiting.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>When nothing is written any more, whoever waits to hand in lines must not wait for ever.</summary>
    private async Task IngestAsync(Ingestor ingestor)
    {
        try
        {
            await ingestor.RunAsync(lines.Reader);
        }
        finally
        {
            lines.Writer.TryComplete();
        }
    }

    private static async Task FailureOfAsync(Task reading)
    {
        await reading;
        await Task.Delay(Timeout.Infinite);
    }

    private static StatusSnapshot Snapshot(PipelineHost pipelines, Ingestor ingestor, AlertPrinter printer, SyslogListener? listener)
    {
        long lag = 0;
        long failed = 0;
        foreach (Deployment deployment in pipelines.Deployments)
        {
            failed += deployment.FailureCount;
            foreach (InputPosition position in deployment.Positions)
            {
                if (position.Topic == Ingestor.Topic) lag += position.Lag;
            }
        }

        return new StatusSnapshot(ingestor.LineCount, printer.AlertCount, failed, lag, listener?.Dropped);
    }

    private PosixSignalRegistration OnSignal(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        interrupted.TrySetResult();
    });
}
