using Pipelines.Cli.Output;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Cli.Cluster;

/// <summary>One run of a command: the cluster it talks to, and what it prints.</summary>
internal sealed class Session(Terminal terminal, BrokerClient client, bool isJson, CancellationToken stop) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>What is read from and written to.</summary>
    internal Terminal Terminal { get; } = terminal;

    /// <summary>Finds brokers.</summary>
    internal BrokerClient Client { get; } = client;

    /// <summary>Whether JSON was asked for.</summary>
    internal bool IsJson { get; } = isJson;

    /// <summary>Cancelled by Ctrl-C.</summary>
    internal CancellationToken Stop { get; } = stop;

    /// <summary>The time, as the clock has it.</summary>
    internal DateTimeOffset Now => Terminal.Time.GetUtcNow();

    /// <summary>A table, or JSON.</summary>
    internal Report Report(params string[] columns) => new(Terminal.Out, IsJson, columns);

    /// <summary>Says what was done: a sentence, or an object.</summary>
    /// <param name="sentence">For people.</param>
    /// <param name="members">The same for JSON.</param>
    internal void Say(string sentence, params (string Name, object? Value)[] members)
    {
        if (IsJson) Report([.. members.Select(static member => member.Name)]).Add([.. members.Select(static member => member.Value)]);
        else Terminal.Out.WriteLine(sentence);
    }

    /// <summary>The same session for what has to be done even after Ctrl-C. It is not disposed of.</summary>
    internal Session Uninterrupted() => new(Terminal, Client, IsJson, CancellationToken.None);

    /// <summary>Asks the controller.</summary>
    internal async Task<TResponse> AskControllerAsync<TResponse>(IRequest<TResponse> request)
        where TResponse : IResponse, new() =>
        await (await Client.ControllerAsync(Stop)).SendAsync(request, cancellation: Stop);

    /// <summary>Asks any broker.</summary>
    internal async Task<TResponse> AskAnyAsync<TResponse>(IRequest<TResponse> request)
        where TResponse : IResponse, new() =>
        await (await Client.AnyAsync(Stop)).SendAsync(request, cancellation: Stop);

    /// <summary>Asks the coordinator of a group or a transactional id, again while it moves or loads.</summary>
    /// <param name="kind">What is coordinated.</param>
    /// <param name="key">The group or transactional id.</param>
    /// <param name="request">The question.</param>
    /// <param name="error">The answer's error code.</param>
    /// <param name="atMost">The highest version to speak.</param>
    internal Task<TResponse> AskCoordinatorAsync<TResponse>(
        CoordinatorKind kind, string key, IRequest<TResponse> request, Func<TResponse, short> error, short atMost = short.MaxValue)
        where TResponse : IResponse, new() =>
        PatientlyAsync(
            async () =>
            {
                BrokerConnection coordinator = await Client.CoordinatorAsync(kind, key, Stop);
                return await coordinator.SendAsync(request, VersionAtMost(coordinator, TResponse.ApiKey, atMost), Stop);
            },
            error);

    /// <summary>The highest version that both sides have, but no higher than a given one.</summary>
    internal static short VersionAtMost(BrokerConnection connection, ApiKey key, short atMost) => Math.Min(connection.VersionOf(key), atMost);

    /// <summary>Asks all brokers.</summary>
    internal async Task<IReadOnlyList<(int NodeId, TResponse Answer)>> AskAllAsync<TResponse>(IRequest<TResponse> request)
        where TResponse : IResponse, new()
    {
        MetadataResponse cluster = await AskAnyAsync(new MetadataRequest { Topics = [] });
        var answers = new List<(int, TResponse)>();
        foreach (MetadataResponse.MetadataResponseBroker node in cluster.Brokers)
            answers.Add((node.NodeId, await (await Client.NodeAsync(node.NodeId, Stop)).SendAsync(request, cancellation: Stop)));
        return answers;
    }

    /// <summary>Asks again after a moment while the answer's error is a passing one, or the cluster has no coordinator yet.</summary>
    internal async Task<T> PatientlyAsync<T>(Func<Task<T>> ask, Func<T, short> error)
    {
        long began = Terminal.Time.GetTimestamp();
        while (true)
        {
            bool isLast = Terminal.Time.GetElapsedTime(began) > Patience;
            try
            {
                T answer = await ask();
                if (isLast || !Errors.IsPassing(error(answer))) return answer;
            }
            catch (BrokerConnectionException problem) when (!isLast && Errors.IsPassing(problem.ErrorCode))
            {
                // Asked again below.
            }

            await Task.Delay(Pause, Terminal.Time, Stop);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
