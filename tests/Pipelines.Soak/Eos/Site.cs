using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pipelines.Broker.Server;
using Pipelines.Soak.Brokers.Network;
using Pipelines.Tests.Brokers;

namespace Pipelines.Soak.Eos;

/// <summary>A broker, or several, in processes of their own on data that stays; all of its clients come through a proxy, but to a cluster.</summary>
internal sealed class Site : IAsyncDisposable
{
    private const int ClusterNodes = 3;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipelines-soak-eos-");
    private readonly EosBroker kind;
    private readonly int port = FreePorts();
    private readonly Dictionary<int, int> nodes = [];
    private readonly List<Process> guards = [];

    private Site(EosBroker kind)
    {
        this.kind = kind;
        if (kind == EosBroker.Cluster) return;
        Proxy = new Proxy { Broker = new Address("127.0.0.1", port) };
    }

    /// <summary>What stands between clients and the broker; null for a cluster.</summary>
    internal Proxy? Proxy { get; }

    /// <summary>Where clients begin.</summary>
    internal string Bootstrap => Proxy is { } proxy ? proxy.Address.ToString() : string.Join(',', Enumerable.Range(0, ClusterNodes).Select(node => $"127.0.0.1:{Text(port + (2 * node))}"));

    /// <summary>The numbers of the nodes.</summary>
    internal IReadOnlyList<int> Nodes => kind == EosBroker.Cluster ? [.. Enumerable.Range(1, ClusterNodes)] : [1];

    internal static async Task<Site> StartAsync(EosBroker kind)
    {
        var site = new Site(kind);
        try
        {
            await site.StartNodesAsync(restart: null);
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills a node with SIGKILL.</summary>
    internal async Task KillAsync(int number)
    {
        if (!nodes.Remove(number, out int id)) return;
        await Signal.SendAsync(id, "KILL");
        while (!IsGone($"/proc/{Text(id)}")) await Task.Delay(10);
    }

    /// <summary>True when nothing of a process is left. Its first thread may be done before the others, which hold its ports as long as they are there.</summary>
    private static bool IsGone(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/stat").Contains(") Z ", StringComparison.Ordinal) && Directory.GetDirectories($"{process}/task").Length <= 1;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Starts a node again that was killed, on its data.</summary>
    internal Task RestartAsync(int number) => StartNodesAsync(restart: number);

    public async ValueTask DisposeAsync()
    {
        foreach (int node in Nodes) await KillAsync(node);
        foreach (Process guard in guards)
        {
            guard.StandardInput.Close();
            await guard.WaitForExitAsync();
            guard.Dispose();
        }

        if (Proxy is { } proxy) await proxy.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private async Task StartNodesAsync(int? restart)
    {
        string data = Path.Combine(folder.FullName, "data");
        // A line of shell that starts what is to be started and prints NUMBER PID for each.
        string command = kind switch
        {
            EosBroker.Shipped => $"dotnet {BrokerProgram.Path} broker --data {data} --listen 127.0.0.1:{Text(port)} --advertise {Proxy!.Address} --durability os > {data}.log 2>&1 & "
                + $"until (exec 3<> /dev/tcp/127.0.0.1/{Text(port)}) 2> /dev/null; do kill -0 $! || exit 1; sleep 0.05; done; echo 1 $!",
            // A transaction that timed out while the broker was away is aborted as soon as it is back, when its partitions have no leader for a moment: Kafka loses its end then.
            EosBroker.Kafka => $"pid=$(HEAP=512m CONTROLLER_PORT={Text(port + 1)} {ApacheKafka.Home}/start.sh {data} {Text(port)} advertised.listeners=PLAINTEXT://{Proxy!.Address} transaction.abort.timed.out.transaction.cleanup.interval.ms=20) && echo 1 $pid",
            _ => $"{(restart is { } one ? $"RESTART={Text(one)} " : "")}{ApacheKafka.Home}/cluster.sh {data} {Text(port)} {ClusterNodes} transaction.abort.timed.out.transaction.cleanup.interval.ms=1000",
        };
        // The guard's input is a pipe that we hold: when it ends, however this process ends, what it started is killed.
        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"started=$({{ {command}; }} < /dev/null) || exit 1\necho \"$started\"\ncat > /dev/null\necho \"$started\" | while read -r number pid port; do kill -9 $pid 2> /dev/null; done");
        Process guard = Process.Start(start)!;
        guards.Add(guard);
        Task<string> errors = guard.StandardError.ReadToEndAsync();
        for (int left = kind == EosBroker.Cluster && restart is null ? ClusterNodes : 1; left > 0; left--)
        {
            string line = await guard.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(90)) ?? throw new InvalidOperationException($"A broker did not start: {await errors}");
            string[] words = line.Split(' ');
            nodes[int.Parse(words[0], CultureInfo.InvariantCulture)] = int.Parse(words[1], CultureInfo.InvariantCulture);
        }
    }

    /// <summary>A port with others free behind it.</summary>
    private static int FreePorts()
    {
        while (true)
        {
            var listeners = new List<TcpListener>();
            try
            {
                var first = new TcpListener(IPAddress.Loopback, 0);
                listeners.Add(first);
                first.Start();
                int start = ((IPEndPoint)first.LocalEndpoint).Port;
                for (int i = 1; i < 2 * ClusterNodes; i++)
                {
                    listeners.Add(new TcpListener(IPAddress.Loopback, start + i));
                    listeners[^1].Start();
                }

                return start;
            }
            catch (Exception taken) when (taken is SocketException or ArgumentOutOfRangeException)
            {
                // One of them is taken, or there are no more: others are looked for.
            }
            finally
            {
                foreach (TcpListener listener in listeners) listener.Stop();
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
