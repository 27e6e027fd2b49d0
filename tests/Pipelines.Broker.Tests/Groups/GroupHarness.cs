using System.Text;
using Microsoft.Extensions.Time.Testing;
using Pipelines.Broker.Groups;

namespace Pipelines.Broker.Tests.Groups;

/// <summary>A coordinator on virtual time, with a journal that a test can hold back, and that outlives a restart.</summary>
internal sealed class GroupHarness
{
    internal const string Name = "g";
    private readonly FakeTimeProvider wallClock = new();
    private readonly Queue<(GroupSnapshot Snapshot, Action<ErrorCode> Done)> unsaved = new();
    private int ids;
    private int lives;

    internal GroupHarness(GroupOptions? options = null)
    {
        Options = new GroupOptions
        {
            MaxSize = options?.MaxSize ?? 100,
            InitialRebalanceDelay = options?.InitialRebalanceDelay ?? TimeSpan.Zero,
            NewId = () => new Guid(++ids, 0, 0, new byte[8]),
        };
        Coordinator = Start();
    }

    internal GroupOptions Options { get; }

    internal GroupCoordinator Coordinator { get; private set; }

    internal TimeSpan Now { get; private set; }

    /// <summary>What a restart finds.</summary>
    internal Dictionary<string, GroupSnapshot> Saved { get; } = [];

    /// <summary>While true, nothing becomes durable.</summary>
    internal bool HoldsSaves { get; set; }

    internal int Waiting => unsaved.Count;

    internal GroupDescription Group => Coordinator.Describe(Name)!;

    internal static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    internal static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    internal static JoinRequest Request(string memberId = "", string? instance = null, string protocols = "range", string metadata = "m", double session = 10, double rebalance = 60, bool asksFirst = false, bool canSkip = false, string type = "consumer") => new()
    {
        GroupId = Name,
        MemberId = memberId,
        InstanceId = instance,
        ClientId = "client",
        ClientHost = "/127.0.0.1",
        SessionTimeout = TimeSpan.FromSeconds(session),
        RebalanceTimeout = TimeSpan.FromSeconds(rebalance),
        ProtocolType = type,
        Protocols = [.. protocols.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(name => new GroupProtocol(name, Bytes($"{metadata}/{name}")))],
        RequiresKnownMemberId = asksFirst,
        CanSkipAssignment = canSkip,
    };

    internal Reply<JoinReply> Join(JoinRequest request, Action<JoinReply>? seen = null)
    {
        var reply = new Reply<JoinReply>(seen);
        Coordinator.Join(request, reply.Take);
        SaveAll();
        return reply;
    }

    internal Reply<SyncReply> Sync(JoinReply member, params (string MemberId, string Share)[] shares) => Sync(member.MemberId, member.Generation, null, shares);

    internal Reply<SyncReply> Sync(string memberId, int generation, string? instance = null, params (string MemberId, string Share)[] shares) =>
        Sync(SyncRequest(memberId, generation, instance, shares));

    internal static SyncRequest SyncRequest(string memberId, int generation, string? instance, IEnumerable<(string MemberId, string Share)> shares) => new()
    {
        GroupId = Name,
        MemberId = memberId,
        Generation = generation,
        InstanceId = instance,
        Assignments = [.. shares.Select(static share => new MemberAssignment(share.MemberId, Bytes(share.Share)))],
    };

    internal Reply<SyncReply> Sync(SyncRequest request, Action<SyncReply>? seen = null)
    {
        var reply = new Reply<SyncReply>(seen);
        Coordinator.Sync(request, reply.Take);
        SaveAll();
        return reply;
    }

    internal ErrorCode Heartbeat(string memberId, int generation, string? instance = null) => Coordinator.Heartbeat(new MemberClaim(Name, memberId, generation, instance));

    internal ErrorCode Commit(string memberId, int generation, string? instance = null, bool isTransactional = false) =>
        Coordinator.CheckCommit(new MemberClaim(Name, memberId, generation, instance), isTransactional);

    internal ErrorCode Leave(string memberId, string? instance = null)
    {
        (ErrorCode error, ErrorCode[] members) = Coordinator.Leave(Name, [new LeavingMember(memberId, instance)]);
        Assert.Equal(ErrorCode.None, error);
        SaveAll();
        return Assert.Single(members);
    }

    /// <summary>Lets time pass, deadline by deadline.</summary>
    internal void Pass(double seconds)
    {
        TimeSpan end = Now + TimeSpan.FromSeconds(seconds);
        while (Coordinator.NextDue is { } due && due <= end)
        {
            if (due > Now) Now = due;
            Coordinator.Advance();
            SaveAll();
        }

        Now = end;
    }

    internal bool SaveNext(ErrorCode error = ErrorCode.None)
    {
        if (!unsaved.TryDequeue(out (GroupSnapshot Snapshot, Action<ErrorCode> Done) next)) return false;
        if (error == ErrorCode.None) Saved[next.Snapshot.GroupId] = next.Snapshot;
        next.Done(error);
        return true;
    }

    internal void SaveAll()
    {
        while (!HoldsSaves && SaveNext())
        {
        }
    }

    /// <summary>The broker is killed: what was not durable is gone, and nobody who waited gets an answer.</summary>
    internal void Restart()
    {
        unsaved.Clear();
        Coordinator = Start();
        Coordinator.Restore(Saved.Values);
    }

    /// <summary>A stable group of dynamic members, its leader first; each has the share that its place names.</summary>
    internal JoinReply[] Stable(int size, string protocols = "range")
    {
        JoinReply[] members = Joined([.. Enumerable.Range(0, size).Select(_ => Request(protocols: protocols))]);
        Settle(members);
        return members;
    }

    /// <summary>Members in one generation, its leader first. They join one after the other, and again whenever that is asked of them.</summary>
    internal JoinReply[] Joined(params JoinRequest[] requests)
    {
        var replies = new List<Reply<JoinReply>>();
        var current = new List<JoinRequest>();
        foreach (JoinRequest request in requests)
        {
            Reply<JoinReply> newcomer = Join(request);
            for (int i = 0; i < replies.Count; i++) replies[i] = Join(current[i]);
            if (!newcomer.IsThere) Pass(Options.InitialRebalanceDelay.TotalSeconds);
            replies.Add(newcomer);
            current.Add(request with { MemberId = newcomer.Value.MemberId });
        }

        return [.. replies.Select(static reply => reply.Value)];
    }

    internal void Settle(params JoinReply[] members)
    {
        (string, string)[] shares = [.. members.Select(static (member, index) => (member.MemberId, $"share {index}"))];
        foreach (JoinReply member in members) Sync(member, member.Leader == member.MemberId ? shares : []);
        Assert.Equal(GroupState.Stable, Group.State);
    }

    private GroupCoordinator Start()
    {
        int life = ++lives;
        return new GroupCoordinator(Options, wallClock, () => Now, (snapshot, done) =>
        {
            if (life == lives) unsaved.Enqueue((snapshot, done));
        });
    }
}

/// <summary>An answer that comes at some time, and once.</summary>
internal sealed class Reply<T>(Action<T>? seen = null) where T : class
{
    private T? value;

    internal bool IsThere => value is not null;

    internal T Value
    {
        get
        {
            Assert.NotNull(value);
            return value;
        }
    }

    internal void Take(T answer)
    {
        Assert.Null(value);
        value = answer;
        seen?.Invoke(answer);
    }
}
