using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace Pipelines.Conformance.Programs;

/// <summary>
/// A stock client in a process of its own, asked one check after the other: a line "CHECK ID" goes in, a line of JSON with "facts" or "error" comes
/// out. So a client pays for its start once, and one that hangs is killed and started again for the next check.
/// </summary>
internal sealed class ClientProgram(Func<ProcessStartInfo> start) : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly SemaphoreSlim one = new(1);
    private readonly StringBuilder errors = new();
    private Process? process;

    /// <summary>The facts that the check saw.</summary>
    /// <exception cref="InvalidOperationException">The check failed in the client; its words are in the message.</exception>
    public async Task<JsonNode?> AskAsync(string check, string id)
    {
        await one.WaitAsync();
        try
        {
            process ??= Run();
            await process.StandardInput.WriteLineAsync($"{check} {id}");
            await process.StandardInput.FlushAsync();
            JsonObject answer = await AnswerAsync(check).WaitAsync(Limit);
            if (answer["error"] is { } error) throw new InvalidOperationException($"The client could not do '{check}': {error}");
            return answer["facts"];
        }
        catch (TimeoutException)
        {
            Stop();
            throw new TimeoutException($"The client did not answer '{check}' within {Limit.TotalSeconds} s. {Errors()}");
        }
        catch (IOException gone)
        {
            Stop();
            throw new InvalidOperationException($"The client ended in '{check}'. {Errors()}", gone);
        }
        finally
        {
            one.Release();
        }
    }

    private async Task<JsonObject> AnswerAsync(string check)
    {
        while (await process!.StandardOutput.ReadLineAsync() is { } line)
        {
            // Some clients write to the standard output on their own.
            if (line.StartsWith('{') && JsonNode.Parse(line) is JsonObject answer && (string?)answer["check"] == check) return answer;
        }

        throw new IOException("end of output");
    }

    private Process Run()
    {
        Process started = Process.Start(start())!;
        started.ErrorDataReceived += (_, line) =>
        {
            lock (errors) errors.AppendLine(line.Data);
        };
        started.BeginErrorReadLine();
        return started;
    }

    private string Errors()
    {
        lock (errors)
        {
            string text = errors.ToString();
            return text.Length > 4000 ? text[^4000..] : text;
        }
    }

    private void Stop()
    {
        process?.Kill(entireProcessTree: true);
        process?.Dispose();
        process = null;
    }

    public ValueTask DisposeAsync()
    {
        Stop();
        one.Dispose();
        return ValueTask.CompletedTask;
    }
}
