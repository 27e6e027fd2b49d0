using Pipelines.Broker.Groups;
using static Pipelines.Broker.Tests.Groups.GroupHarness;

namespace Pipelines.Broker.Tests.Groups;

/// <summary>One random life of a group. Clients obey the answers they get, except when they crash, stall or speak for one that is gone.</summary>
internal sealed class GroupRun
{
    internal const int Partitions = 6;
    private readonly Random random;
    private readonly GroupHarness world;
    private readonly GroupOracle oracle;
    private readonly List<GroupClient> clients = [];
    private readonly List<(string MemberId, int Generation, string? Instance)> zombies = [];
    private int life;

    internal GroupRun(int seed)
    {
        random = new Random(seed);
        world = new GroupHarness(new GroupOptions { InitialRebalanceDelay = TimeSpan.FromSeconds(random.Next(3)) });
        oracle = new GroupOracle(Seen);
        for (int i = 0; i < random.Next(1, 6); i++)
        {
            string? instance = random.Next(2) == 0 ? $"i{random.Next(3)}" : null;
            clients.Add(new GroupClient(i, instance, asksFirst: random.Next(2) == 0, canSkip: random.Next(2) == 0));
        }
    }

    internal List<string> Trace { get; } = [];

    internal Counts Seen { get; } = new();

    internal void Run(int steps)
    {
        for (int step = 0; step < steps; step++) Step();
        CalmDown();
    }

    private void Step()
    {
        int choice = random.Next(100);
        if (choice < 70) Act(clients[random.Next(clients.Count)]);
        else if (choice < 82) Pass(random.NextDouble() * (random.Next(8) == 0 ? 25 : 3));
        else if (choice < 88) world.SaveNext();
        else if (choice < 91) Hold(random.Next(2) == 0);
        else if (choice < 92) Restart();
        else if (choice < 97) Haunt();
        else Upset(clients[random.Next(clients.Count)]);
    }

    /// <summary>From here on everybody behaves, so the group must become stable soon, with every partition read by one member.</summary>
    private void CalmDown()
    {
        Trace.Add("--- calm");
        Hold(false);
        // Two clients with one name would fence each other for ever, so who is fenced stays away.
        for (int second = 0; second < 200; second++)
        {
            foreach (GroupClient client in clients)
            {
                for (int i = 0; i < 3; i++) Act(client, isCalm: true);
            }

            Pass(1);
        }

        GroupClient[] alive = [.. clients.Where(static client => client.Phase != ClientPhase.Dead)];
        if (alive.Length == 0) return;
        Assert.Equal(GroupState.Stable, world.Group.State);
        Assert.Equal(alive.Length, world.Group.Members.Count);
        Assert.All(alive, client => Assert.Equal((ClientPhase.Active, world.Group.Generation), (client.Phase, client.Generation)));
        Assert.Equal(Enumerable.Range(0, Partitions), alive.SelectMany(static client => client.Owned).Order());
        Assert.All(clients, static client => Assert.True(client.Abandoned.TrueForAll(static isAnswered => isAnswered()), "a request was never answered"));
    }

    private void Act(GroupClient client, bool isCalm = false)
    {
        switch (client.Phase)
        {
            case ClientPhase.Dead when !isCalm && random.Next(4) == 0:
                client.Start();
                break;
            case ClientPhase.Down when isCalm || random.Next(4) == 0:
                client.Start();
                break;
            case ClientPhase.Idle:
                Log(client, $"joins as '{client.MemberId}'");
                client.Join(world, reply => Hear(client, reply));
                break;
            case ClientPhase.Joining when client.JoinReply!.IsThere:
                TakeJoin(client, client.JoinReply.Value);
                break;
            case ClientPhase.Syncing when client.SyncReply!.IsThere:
                TakeSync(client, client.SyncReply.Value);
                break;
            case ClientPhase.Joining or ClientPhase.Syncing when !isCalm && random.Next(12) == 0:
                Log(client, "loses its connection");
                client.Disconnect();
                break;
            case ClientPhase.Active:
                ActAsMember(client, isCalm);
                break;
        }
    }

    /// <summary>Judged when it is told, whoever still listens.</summary>
    private void Hear(GroupClient client, JoinReply reply)
    {
        if (reply.Error == ErrorCode.None) oracle.Joined(client, reply, life);
        else oracle.Refused(reply.MemberId, reply.Error, life);
    }

    private void Hear(GroupClient client, string memberId, int generation, SyncReply reply)
    {
        Judge((memberId, generation, client.Instance), reply.Error);
        if (reply.Error == ErrorCode.None) oracle.Assigned(memberId, client.Instance, generation, Text(reply.Assignment));
    }

    private void TakeJoin(GroupClient client, JoinReply reply)
    {
        Log(client, $"is told {reply.Error}, generation {reply.Generation}, leader {reply.Leader}");
        client.JoinReply = null;
        if (reply.Error != ErrorCode.None)
        {
            if (reply.Error == ErrorCode.MemberIdRequired) client.MemberId = reply.MemberId;
            client.Obey(reply.Error);
            return;
        }

        client.MemberId = reply.MemberId;
        client.Generation = reply.Generation;
        List<(string, string)> shares = [];
        if (reply.Leader == reply.MemberId && !reply.SkipAssignment)
        {
            Assert.NotEmpty(reply.Members);
            shares = Share(reply);
            oracle.Proposed(reply, shares);
        }

        (string memberId, int generation) = (client.MemberId, client.Generation);
        client.Sync(world, shares, reply => Hear(client, memberId, generation, reply));
    }

    private void TakeSync(GroupClient client, SyncReply reply)
    {
        Log(client, $"is told {reply.Error}, share '{Text(reply.Assignment)}'");
        client.SyncReply = null;
        if (reply.Error != ErrorCode.None)
        {
            client.Obey(reply.Error);
            return;
        }

        client.Owned = [.. Text(reply.Assignment).Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        client.Phase = ClientPhase.Active;
    }

    private void ActAsMember(GroupClient client, bool isCalm)
    {
        bool commits = random.Next(2) == 0;
        ErrorCode error = commits
            ? world.Commit(client.MemberId, client.Generation, client.Instance, isTransactional: random.Next(2) == 0)
            : world.Heartbeat(client.MemberId, client.Generation, client.Instance);
        if (error == ErrorCode.None && !isCalm && random.Next(30) == 0) client.Change();
        Judge((client.MemberId, client.Generation, client.Instance), error);
        if (error == ErrorCode.None && commits) Seen.Commits++;
        if (error == ErrorCode.None) return;
        Log(client, $"is told {error}");
        client.Obey(error);
    }

    private void Judge((string MemberId, int Generation, string? Instance) who, ErrorCode error)
    {
        if (error is ErrorCode.None) oracle.Accepted(who.MemberId, who.Generation, life);
        else oracle.Refused(who.MemberId, error, life);
    }

    /// <summary>Somebody who was away speaks as if nothing had happened.</summary>
    private void Haunt()
    {
        if (zombies.Count == 0) return;
        (string MemberId, int Generation, string? Instance) zombie = zombies[random.Next(zombies.Count)];
        ErrorCode error;
        switch (random.Next(3))
        {
            case 0:
                error = world.Heartbeat(zombie.MemberId, zombie.Generation, zombie.Instance);
                if (error != ErrorCode.RebalanceInProgress) Judge(zombie, error);
                break;
            case 1:
                error = world.Commit(zombie.MemberId, zombie.Generation, zombie.Instance);
                if (error != ErrorCode.RebalanceInProgress) Judge(zombie, error);
                break;
            default:
                // Without shares: what a late leader would assign is the leader's own business.
                if (world.Coordinator.Describe(Name) is not { State: GroupState.Stable }) return;
                Reply<SyncReply> reply = world.Sync(zombie.MemberId, zombie.Generation, zombie.Instance);
                error = reply.Value.Error;
                Judge(zombie, error);
                if (error == ErrorCode.None) oracle.Assigned(zombie.MemberId, zombie.Instance, zombie.Generation, Text(reply.Value.Assignment));
                break;
        }

        if (error is ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId or ErrorCode.IllegalGeneration) Seen.ZombieRefusals++;
    }

    private void Upset(GroupClient client)
    {
        if (client.MemberId.Length > 0 && client.Generation > 0) zombies.Add((client.MemberId, client.Generation, client.Instance));
        if (client.Phase == ClientPhase.Active && random.Next(3) == 0)
        {
            Log(client, "leaves");
            oracle.Refused(client.MemberId, world.Leave(client.MemberId, client.Instance) == ErrorCode.None ? ErrorCode.UnknownMemberId : ErrorCode.None, life);
        }
        else
        {
            Log(client, "crashes");
        }

        client.Crash();
    }

    private void Restart()
    {
        Trace.Add($"{world.Now.TotalSeconds:F1} --- restart");
        Seen.Restarts++;
        life++;
        world.Restart();
        foreach (GroupClient client in clients) client.BrokerDied();
    }

    private void Hold(bool holds)
    {
        world.HoldsSaves = holds;
        world.SaveAll();
    }

    private void Pass(double seconds) => world.Pass(seconds);

    private List<(string MemberId, string Share)> Share(JoinReply reply)
    {
        var owned = reply.Members.ToDictionary(static member => member.MemberId, static _ => new List<int>());
        for (int partition = 0; partition < Partitions; partition++) owned[reply.Members[random.Next(reply.Members.Count)].MemberId].Add(partition);
        return [.. owned.Select(static member => (member.Key, string.Join(',', member.Value)))];
    }

    private void Log(GroupClient client, string text) => Trace.Add($"{world.Now.TotalSeconds:F1} client {client.Number} {client.Instance} {client.MemberId}: {text}");

    /// <summary>What has happened, to see that a run was worth it.</summary>
    internal sealed class Counts
    {
        internal int Generations { get; set; }

        internal int Restarts { get; set; }

        internal int Fenced { get; set; }

        internal int TakeOvers { get; set; }

        internal int Commits { get; set; }

        internal int ZombieRefusals { get; set; }

        internal void Add(Counts other)
        {
            Generations += other.Generations;
            Restarts += other.Restarts;
            Fenced += other.Fenced;
            TakeOvers += other.TakeOvers;
            Commits += other.Commits;
            ZombieRefusals += other.ZombieRefusals;
        }

        public override string ToString() =>
            $"{Generations} generations, {Restarts} restarts, {TakeOvers} take-overs, {Fenced} fenced, {Commits} commits, {ZombieRefusals} zombies refused";
    }
}
