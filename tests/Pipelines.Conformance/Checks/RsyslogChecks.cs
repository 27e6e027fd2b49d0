using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Pipelines.Conformance.Brokers;
using Pipelines.Conformance.Programs;

namespace Pipelines.Conformance.Checks;

/// <summary>rsyslog with its module omkafka writes log lines, as on many servers; kcat reads them.</summary>
public sealed class RsyslogChecks(Bench bench)
{
    internal static string? Missing() => !Client.Found("rsyslogd") ? "rsyslog (run eng/install-test-tools.sh)"
        : !File.Exists("/usr/lib/x86_64-linux-gnu/rsyslog/omkafka.so") && !File.Exists("/usr/lib/aarch64-linux-gnu/rsyslog/omkafka.so") ? "rsyslog-kafka (run eng/install-test-tools.sh)"
        : !Client.Found("kcat") ? "kcat (run eng/install-test-tools.sh)" : null;

    [Theory, OnEachBroker]
    public async Task Log_lines_arrive_in_order(BrokerKind broker)
    {
        Waiting.For(Missing());
        BrokerUnderTest at = await bench.BrokerAsync(broker);
        string topic = Bench.Unique("syslog");
        (await Command.RunAsync("kcat", ["-b", at.Bootstrap, "-P", "-t", topic, "-k", "host"], " the first\n", 30)).Succeeded();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pipelines-conformance-rsyslog-");
        string socket = Path.Combine(folder.FullName, "log"), settings = Path.Combine(folder.FullName, "rsyslog.conf");
        await File.WriteAllTextAsync(settings, $$"""
            global(workDirectory="{{folder.FullName}}")
            module(load="imuxsock" SysSock.Use="off")
            module(load="omkafka")
            input(type="imuxsock" Socket="{{socket}}" UseSysTimeStamp="off" RateLimit.Interval="0")
            template(name="line" type="string" string="%msg%")
            action(type="omkafka" broker=["{{at.Bootstrap}}"] topic="{{topic}}" key="host" template="line" confParam=["queue.buffering.max.ms=20", "compression.codec=snappy"])
            """);
        using Process rsyslog = Process.Start(Command.Start("/usr/sbin/rsyslogd", ["-n", "-f", settings, "-i", Path.Combine(folder.FullName, "pid")]))!;
        try
        {
            await SendAsync(socket, Enumerable.Range(0, 100).Select(i => $"<38>Nov 23 12:00:00 sshd[1]: Invalid user number{i} from 203.0.113.{i}"));
            CommandResult read = (await Command.RunAsync("kcat", ["-b", at.Bootstrap, "-C", "-t", topic, "-o", "beginning", "-c", "101", "-q", "-f", "%k|%s\n"], limitSeconds: 40)).Succeeded();
            Assert.Equal(Enumerable.Range(0, 100).Select(i => $"host| Invalid user number{i} from 203.0.113.{i}").Prepend("host| the first"), read.Lines);
        }
        finally
        {
            rsyslog.Kill();
            await rsyslog.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Writes datagrams, as a program's logger does; the socket is there when rsyslog has started.</summary>
    private static async Task SendAsync(string path, IEnumerable<string> lines)
    {
        using var sender = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await sender.ConnectAsync(new UnixDomainSocketEndPoint(path));
                break;
            }
            catch (SocketException) when (waited.Elapsed < TimeSpan.FromSeconds(20))
            {
                await Task.Delay(20);
            }
        }

        foreach (string line in lines) await sender.SendAsync(Encoding.UTF8.GetBytes(line));
    }
}
