using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Pipelines.Loads;

namespace Pipelines.KafkaLoad.Contestants;

/// <summary>A contestant's process. It ends when its input is closed, so it never outlives this one.</summary>
internal sealed class Worker : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process process;
    private readonly BlockingCollection<string> lines = [];
    private readonly ConcurrentQueue<string> errors = new();

    internal Worker(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text) lines.Add(text);
            else lines.CompleteAdding();
        };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text) errors.Enqueue(text);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Figures = new ProcessFigures(process.Id);
    }

    /// <summary>CPU time and memory.</summary>
    internal ProcessFigures Figures { get; }

    internal bool HasEnded => process.HasExited;

    /// <summary>What it complained about.</summary>
    internal string Complaints => string.Join('\n', errors);

    /// <summary>The number behind a word that the process prints on a line, once it has printed it.</summary>
    internal double Read(string word)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            foreach (string line in lines.GetConsumingEnumerable(patience.Token))
            {
                if (line.StartsWith(word + " ", StringComparison.Ordinal)) return double.Parse(line[(word.Length + 1)..], CultureInfo.InvariantCulture);
            }
        }
        catch (OperationCanceledException)
        {
            // It says nothing: told below.
        }

        throw new InvalidOperationException($"The process has not said '{word}' within {Patience.TotalSeconds} s: {Complaints}");
    }

    /// <summary>Bytes that the process has allocated since its start; for .NET ones.</summary>
    internal double AllocatedBytes()
    {
        process.StandardInput.WriteLine("allocated");
        return Read("allocated");
    }

    /// <summary>Kills it with SIGKILL.</summary>
    internal void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Asks it to end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.StandardInput.Close();
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Kill();
            }
        }

        process.Dispose();
        lines.Dispose();
    }
}
