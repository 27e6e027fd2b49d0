using System.Text.Json;
using Pipelines.Broker.Server;
using Pipelines.Soak.Brokers.Clients;

namespace Pipelines.Soak.Brokers.Processes;

/// <summary>What a client in a process of its own does.</summary>
internal enum ClientKind
{
    /// <summary>It writes transactions with a group's offset.</summary>
    Writes = 0,

    /// <summary>It copies as a member of the copiers' group.</summary>
    Copies = 1,
}

/// <summary>How such a client is started.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Broker">Where the broker is.</param>
/// <param name="Name">Its transactional id, and what it calls itself.</param>
/// <param name="InstanceId">Its name as a static member, or null.</param>
/// <param name="IsCooperative">True when members keep what they have while others come and go.</param>
/// <param name="Session">How long it may be silent as a member.</param>
/// <param name="TransactionTimeout">How long its transactions may be open.</param>
/// <param name="Seed">Decides.</param>
internal sealed record ClientOrder(ClientKind Kind, string Broker, string Name, string? InstanceId, bool IsCooperative, TimeSpan Session, TimeSpan TransactionTimeout, int Seed);

/// <summary>A client in a process of its own, which is killed and frozen as processes are: the ledger is its parent's, by way of its output and input.</summary>
/// <remarks>When the input ends the parent is gone, and so is the process.</remarks>
internal static class ClientProgram
{
    private const int ParentIsGone = 3;
    private static readonly Lock Gate = new();

    internal static async Task<int> RunAsync(string order)
    {
        ClientOrder wanted = JsonSerializer.Deserialize<ClientOrder>(order)!;
        if (!Address.TryParse(wanted.Broker, out Address broker)) throw new ArgumentException($"'{wanted.Broker}' is not an address such as 127.0.0.1:9092.", nameof(order));
        var stage = new Stage(broker, wanted.Session, BrokerProtection.None, wanted.IsCooperative) { Ledger = new Ledger(Ask), TransactionTimeout = wanted.TransactionTimeout };
        var random = new Random(wanted.Seed);
        if (wanted.Kind == ClientKind.Copies) await CopyAsync(stage, wanted, random);
        else await WriteAsync(stage, wanted, random);
        return 0;
    }

    private static async Task CopyAsync(Stage stage, ClientOrder wanted, Random random)
    {
        await using var copier = new Copier(stage, wanted.Name, wanted.InstanceId, random) { AtStep = static (step, _) => ReachAsync(step) };
        while (true)
        {
            bool? went = await copier.TurnAsync(commit: random.Next(6) > 0);
            if (IsEnough(went)) break;
            if (went is null) await Task.Delay(5);
        }

        await copier.EndAsync();
    }

    private static async Task WriteAsync(Stage stage, ClientOrder wanted, Random random)
    {
        await using Link link = stage.Link(wanted.Name);
        Transactor transactor = stage.Transactor(link, wanted.Name, isVersion2: random.Next(2) == 0);
        transactor.AtStep = ReachAsync;
        bool isOpen = false;
        bool? went = null;
        while (!IsEnough(went))
        {
            try
            {
                if (!isOpen) await transactor.OpenAsync(stage.Ending);
                isOpen = true;
                await transactor.RunAsync(stage.Ledger.Begin(wanted.Name, Topics.Places(random, 2).Select(place => (place, random.Next(1, 4)))), commit: random.Next(6) > 0, stage.Ending);
                went = true;
            }
            catch (RefusedException)
            {
                isOpen = false;
                went = false;
            }
        }
    }

    private static bool IsEnough(bool? went) => Ask(new TurnNote(went)) != 0;

    private static Task ReachAsync(int step)
    {
        Ask(new StepNote(step));
        return Task.CompletedTask;
    }

    private static long Ask(Note note)
    {
        lock (Gate)
        {
            Console.WriteLine(JsonSerializer.Serialize(note));
            if (long.TryParse(Console.ReadLine(), out long answer)) return answer;
            Environment.Exit(ParentIsGone);
            return 0;
        }
    }
}
