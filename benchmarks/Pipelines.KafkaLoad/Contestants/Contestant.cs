using System.Globalization;
using Pipelines.Loads.Brokers;

namespace Pipelines.KafkaLoad.Contestants;

/// <summary>What a contestant is to do, where.</summary>
/// <param name="Job">What to do.</param>
/// <param name="Broker">The broker.</param>
/// <param name="Folder">A folder for local state, kept from start to start.</param>
/// <param name="Commit">The time between commits.</param>
internal sealed record Assignment(Job Job, BrokerProcess Broker, string Folder, TimeSpan Commit)
{
    /// <summary>The time between commits, as an argument.</summary>
    internal string CommitMs => Commit.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Who does the job, as a process of its own.</summary>
/// <param name="Name">What it is called in the tables.</param>
internal abstract record Contestant(string Name)
{
    /// <summary>Names its group, and begins the names of its topics.</summary>
    internal abstract string Application { get; }

    /// <summary>True for a .NET process, which can be asked what it has allocated.</summary>
    internal virtual bool IsManaged => true;

    /// <summary>The topic that it writes to.</summary>
    internal abstract string Output(Job job);

    /// <summary>Starts the process.</summary>
    internal abstract Worker Start(Assignment assignment);
}
