using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Log;
using Pipelines.Broker.Recovery;
using Pipelines.Hosting;
using Pipelines.Hosting.Embedded;
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
        catch (Exception wrong) when (wrong is SourceException or DataFolderLockedException or CorruptLogException or StorageFailedException or BrokerException or UnauthorizedAccessException or IOException)
        {
            await Console.Error.WriteLineAsync($"error: {wrong.Message}");
            return 1;
        }
    }

    private async Task<int> RunCoreAsync()
    {
        List<(string Path, Stream Stream)> files = OpenInputs();
        using SyslogListener? listener = options.Listen is { } address ? SyslogListener.Open(address, lines.Writer) : null;
        await Console.Error.WriteLineAsync($"The log is kept in {options.DataFolder}");
        using IHost host = BuildHost();
        await host.StartAsync();
        var pipelines = host.Services.GetRequiredService<PipelineHost>();
        var broker = (EmbeddedBroker)pipelines.Broker;
        await using Ingestor ingestor = await Ingestor.OpenAsync(broker, options.Year, TimeProvider.System);
        var printer = new AlertPrinter(broker, Console.OpenStandardOutput());
        using var statusStop = new CancellationTokenSource();
        var status = new StatusLine(Console.Error, !Console.IsErrorRedirected, TimeProvider.System, () => Snapshot(pipelines, broker, ingestor, printer));
        if (listener is not null) await Console.Error.WriteLineAsync($"Listening for syslog on {listener.Address}, UDP and TCP");

        Task showing = status.RunAsync(statusStop.Token);
        Task printing = printer.RunAsync();
        Task ingesting = ingestor.RunAsync(lines.Reader);
        Task listening = listener?.RunAsync() ?? Task.CompletedTask;
        Task reading = ReadInputsAsync(files, ingestor);

        Task ended = options.Exit ? reading : Task.Delay(Timeout.Infinite);
        Task first = await Task.WhenAny(ended, interrupted.Task, ingesting, printing, pipelines.Worker.Completion);
        listener?.Dispose();
        await listening;
        lines.Writer.TryComplete();
        if (first == ended) await ended;
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
            settings.DataFolder = options.DataFolder;
        }).AddDetectors(typeof(SecurityLogProgram).Assembly);
        return builder.Build();
    }

    private List<(string Path, Stream Stream)> OpenInputs()
    {
        var files = new List<(string, Stream)>();
        if (options.PlaysSample) files.Add((SampleLog.Name, typeof(SecurityLogProgram).Assembly.GetManifestResourceStream(SampleLog.Name)!));
        foreach (string input in options.Inputs)
            files.Add(input == "-" ? ("", Console.OpenStandardInput()) : (Path.GetFullPath(input), FileSource.Open(input)));
        return files;
    }

    private async Task ReadInputsAsync(List<(string Path, Stream Stream)> files, Ingestor ingestor)
    {
        foreach ((string path, Stream stream) in files)
        {
            await using (stream)
                await FileSource.ReadAsync(path, stream, path.Length == 0 ? 0 : ingestor.PositionOf(path), static warning => Console.Error.WriteLine($"warning: {warning}"), lines.Writer);
        }
    }

    private static StatusSnapshot Snapshot(PipelineHost pipelines, EmbeddedBroker broker, Ingestor ingestor, AlertPrinter printer)
    {
        long lag = 0;
        long failed = 0;
        foreach (Deployment deployment in pipelines.Deployments)
        {
            failed += deployment.FailureCount;
            foreach ((string topic, int partition, long offset) in deployment.Positions)
            {
                if (topic == "syslog") lag += Math.Max(0, broker.Engine.FindOffsets(new TopicPartition(topic, partition))!.Value.Stable - offset);
            }
        }

        return new StatusSnapshot(ingestor.LineCount, printer.AlertCount, failed, lag);
    }

    private PosixSignalRegistration OnSignal(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        interrupted.TrySetResult();
    });
}
