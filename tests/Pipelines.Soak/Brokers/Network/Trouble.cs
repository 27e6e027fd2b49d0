using Pipelines.Protocol.Messages;

namespace Pipelines.Soak.Brokers.Network;

/// <summary>What may happen to a request on its way.</summary>
internal enum TroubleKind
{
    /// <summary>Half of it arrives, then the connection is reset.</summary>
    CutRequest = 0,

    /// <summary>A part of its answer arrives, then the connection is reset.</summary>
    CutAnswer = 1,

    /// <summary>It is held back until it is released; what its client does meanwhile is the client's affair.</summary>
    Hold = 2,

    /// <summary>It arrives a second time, over another connection.</summary>
    Twice = 3,

    /// <summary>From here on nothing passes either way, and nobody is told.</summary>
    HalfOpen = 4,

    /// <summary>It arrives one byte at a time.</summary>
    Dribble = 5,

    /// <summary>Its client sees the connection reset, and it arrives all the same, when it is released.</summary>
    Late = 6,
}

/// <summary>Something that happens to one request.</summary>
/// <param name="kind">What.</param>
/// <param name="api">To which API's; null for any.</param>
/// <param name="clientId">What the ids of those begin with whose it is; null for anybody's.</param>
/// <param name="answerBytes">With <see cref="TroubleKind.CutAnswer"/>, how much of the answer arrives.</param>
internal sealed class Trouble(TroubleKind kind, ApiKey? api = null, string? clientId = null, int answerBytes = 3)
{
    private readonly TaskCompletionSource met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource passed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal TroubleKind Kind => kind;

    internal int AnswerBytes => answerBytes;

    /// <summary>Completes when a request has met it.</summary>
    internal Task Met => met.Task;

    /// <summary>Completes when a held request was let through.</summary>
    internal Task Passed => passed.Task;

    internal Task Released => released.Task;

    /// <summary>Whose request met it; null while none has.</summary>
    internal string? MetBy { get; private set; }

    internal bool Fits(ApiKey key, string client) => (api is null ? key is not ApiKey.ApiVersions : api == key) && (clientId is null || client.StartsWith(clientId, StringComparison.Ordinal));

    /// <summary>It is a client's.</summary>
    internal void Take(string client) => MetBy = client;

    /// <summary>Lets a held request through.</summary>
    internal void Release() => released.TrySetResult();

    internal void Meet() => met.TrySetResult();

    internal void Pass() => passed.TrySetResult();
}
