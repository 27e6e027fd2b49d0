using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>
/// A place in a group that belongs to this machine. The first process takes the first one, the next the second; the kernel frees it when the process ends, however it ends, so who is started again after
/// kill -9 takes the place of the one before and has its partitions at once, instead of after that one's session.
/// </summary>
/// <remarks>
/// A place is an abstract Unix socket (unix(7)), which exists once in a network namespace and as long as somebody holds it. Its name in the group holds the host's name and what tells this boot of this
/// machine and this namespace from all others: two processes never have the same one at a time, on no machines and in no containers. It holds the topics too: brokers give a static member that comes
/// back what it had, even when it wants other topics by now (KIP-345, KIP-814), so one that does has to be another member. Linux only.
/// </remarks>
internal sealed class InstanceSlot : IDisposable
{
    private const int Most = 64;
    private const int HashBytes = 6;
    private const int LongestHost = 100;
    private const string BootId = "/proc/sys/kernel/random/boot_id";
    private const string NetworkNamespace = "/proc/self/ns/net";
    private static readonly Lazy<string?> Machine = new(FindMachine);

    private readonly Socket held;

    private InstanceSlot(string name, Socket held)
    {
        Name = name;
        this.held = held;
    }

    /// <summary>The name for <c>group.instance.id</c>.</summary>
    internal string Name { get; }

    /// <summary>Takes the first place that is free.</summary>
    /// <returns>Null where this cannot be told: the member is a dynamic one then.</returns>
    internal static InstanceSlot? TryTake(GroupSubscription subscription)
    {
        if (Machine.Value is not { } machine) return null;
        string named = Hash(subscription.Group);
        string topics = Hash(string.Join('\n', GroupAssignment.Ordered(subscription.TopicSets)));
        for (int number = 0; number < Most; number++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Bind(new UnixDomainSocketEndPoint($"\0pipelines/{named}/{number}"));
                return new InstanceSlot($"{machine}_{topics}_{number}", socket);
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                socket.Dispose();
            }
            catch (SocketException)
            {
                // No such sockets here.
                socket.Dispose();
                return null;
            }
        }

        return null;
    }

    /// <summary>Frees the place for the next process.</summary>
    public void Dispose() => held.Dispose();

    private static string? FindMachine()
    {
        try
        {
            if (!OperatingSystem.IsLinux() || File.ResolveLinkTarget(NetworkNamespace, returnFinalTarget: false) is not { } network) return null;
            // What Kafka's tools can print. No hyphen: in a transactional id one ends the application's name, which is what rights are given for.
            string host = string.Concat(Environment.MachineName.Take(LongestHost).Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' ? letter : '_'));
            return $"{host}_{Hash($"{Environment.MachineName}\n{File.ReadAllText(BootId)}\n{network.Name}")}";
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, HashBytes));
}
