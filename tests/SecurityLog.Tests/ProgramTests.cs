using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SecurityLog.Tests;

/// <summary>The program as a stranger runs it.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("security-log-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_sample_log_gives_alerts_and_one_dead_letter()
    {
        (int code, string output, string errors) = Run("--exit", "--data", Path.Combine(folder, "log"));
        Assert.Equal(0, code);
        JsonElement[] alerts = Alerts(output);
        Assert.Contains(alerts, static alert => alert.GetProperty("alert").GetString() == "brute-force");
        Assert.Contains(alerts, static alert => alert.GetProperty("alert").GetString() == "invalid-users" && alert.GetProperty("user").GetString()!.Contains(' ', StringComparison.Ordinal));
        Assert.Contains("1 dead letters", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_run_on_the_same_folder_repeats_nothing_and_goes_on_where_the_first_ended()
    {
        string input = Path.Combine(folder, "auth.log");
        string data = Path.Combine(folder, "log");
        File.WriteAllText(input, "Dec 10 06:55:46 LabSZ sshd[1]: Invalid user first from 10.0.0.1\n");
        Assert.Equal("first", Assert.Single(Alerts(Run("--input", input, "--year", "2025", "--exit", "--data", data).Output)).GetProperty("user").GetString());
        Assert.Empty(Alerts(Run("--input", input, "--year", "2025", "--exit", "--data", data).Output));
        File.AppendAllText(input, "Dec 10 06:55:47 LabSZ sshd[1]: Invalid user second from 10.0.0.1\n");
        JsonElement alert = Assert.Single(Alerts(Run("--input", input, "--year", "2025", "--exit", "--data", data).Output));
        Assert.Equal("""{"alert":"invalid-users","host":"LabSZ","user":"second","address":"10.0.0.1","at":"2025-12-10T06:55:47Z"}""", alert.GetRawText());
    }

    [Theory]
    [InlineData("Dec 10 06:55:46 LabSZ sshd[2]: Invalid user other from 10.0.0.1\n", "same size")]
    [InlineData("Dec 10 06:55:46 LabSZ sshd[2]: Invalid user other from 10.0.0.1\nDec 10 06:55:46 LabSZ sshd[2]: Connection closed\n", "larger")]
    [InlineData("Dec 10 06:55:46 LabSZ sshd[2]: Invalid user other from 10.0.0\n", "smaller")]
    public void Another_file_of_the_same_name_is_read_from_its_start(string text, string size)
    {
        string input = Path.Combine(folder, "auth.log");
        string data = Path.Combine(folder, "log");
        File.WriteAllText(input, "Dec 10 06:55:46 LabSZ sshd[1]: Invalid user first from 10.0.0.1\n");
        Assert.Single(Alerts(Run("--input", input, "--year", "2025", "--exit", "--data", data).Output));
        File.Delete(input);
        File.WriteAllText(input, text);
        (int code, string output, string errors) = Run("--input", input, "--year", "2025", "--exit", "--data", data);
        Assert.Equal(0, code);
        JsonElement alert = Assert.Single(Alerts(output));
        Assert.True(alert.GetProperty("user").GetString() == "other", size);
        Assert.Single(errors.Split('\n'), static line => line.Contains("from its start", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_input_twice_is_refused_however_it_is_named()
    {
        string input = Path.Combine(folder, "auth.log");
        string link = Path.Combine(folder, "link.log");
        string folderLink = Path.Combine(folder, "linked");
        File.WriteAllText(input, "");
        File.CreateSymbolicLink(link, "auth.log");
        Directory.CreateSymbolicLink(folderLink, folder);
        foreach (string other in (string[])[input, Path.GetRelativePath(Environment.CurrentDirectory, input), Path.Combine(folder, "log", "..", "auth.log"), link, Path.Combine(folderLink, "link.log")])
        {
            (int code, _, string errors) = Run("--input", input, "--input", other, "--exit", "--data", Path.Combine(folder, "log"));
            Assert.Equal(1, code);
            Assert.Contains("are the same", Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_one_dead_letter()
    {
        string input = Path.Combine(folder, "auth.log");
        string data = Path.Combine(folder, "log");
        File.WriteAllText(input, $"Dec 10 06:55:46 LabSZ sshd[1]: Invalid user {new string('x', 200_000)} from 10.0.0.1\nDec 10 06:55:46 LabSZ sshd[1]: Invalid user next from 10.0.0.1\n");
        (int code, string output, string errors) = Run("--input", input, "--year", "2025", "--exit", "--data", data);
        Assert.Equal(0, code);
        Assert.Equal("next", Assert.Single(Alerts(output)).GetProperty("user").GetString());
        Assert.Contains("2 records", errors, StringComparison.Ordinal);
        Assert.Contains("1 dead letters", errors, StringComparison.Ordinal);
        string letter = Assert.Single(await LogReading.DeadLettersAsync(data));
        Assert.Contains("longer than the 65536 bytes", letter, StringComparison.Ordinal);
        Assert.EndsWith($"x [cut: {File.ReadLines(input).First().Length} bytes]", letter, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_followed_until_a_signal_comes()
    {
        string input = Path.Combine(folder, "auth.log");
        File.WriteAllText(input, "Dec 10 06:55:46 LabSZ sshd[1]: Invalid user first from 10.0.0.1\n");
        using Process program = Start("--input", input, "--year", "2025", "--data", Path.Combine(folder, "log"));
        _ = program.StandardError.ReadToEndAsync();
        Assert.Contains("\"first\"", await program.StandardOutput.ReadLineAsync() ?? "", StringComparison.Ordinal);
        File.AppendAllText(input, "Dec 10 06:55:47 LabSZ sshd[1]: Invalid user second from 10.0.0.1\n");
        Assert.Contains("\"second\"", await program.StandardOutput.ReadLineAsync() ?? "", StringComparison.Ordinal);
        using Process signal = Process.Start("kill", ["-TERM", program.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await program.WaitForExitAsync();
        Assert.Equal(0, program.ExitCode);
    }

    [Fact]
    public void A_tag_without_a_colon_as_rsyslog_forwards_it_is_a_tag()
    {
        string input = Path.Combine(folder, "auth.log");
        File.WriteAllText(input, "<13>Dec 10 06:55:46 web sshd Invalid user forwarded from 10.0.0.1\n<13>Dec 10 06:55:46 web other Invalid user nobody from 10.0.0.1\n");
        JsonElement alert = Assert.Single(Alerts(Run("--input", input, "--year", "2025", "--exit", "--data", Path.Combine(folder, "log")).Output));
        Assert.Equal("forwarded", alert.GetProperty("user").GetString());
    }

    [Fact]
    public void Brute_force_counts_by_address_and_minute_over_hosts()
    {
        string input = Path.Combine(folder, "auth.log");
        var lines = new StringBuilder();
        for (int i = 0; i < 3; i++) lines.Append($"Dec 10 09:11:0{i} host{i} sshd[1]: Failed password for root from 10.0.0.9 port 1 ssh2\n");
        lines.Append("Dec 10 09:12:00 host1 sshd[1]: Failed password for root from 10.0.0.9 port 1 ssh2\n");
        lines.Append("Dec 10 09:11:59 host1 sshd[1]: message repeated 2 times: [ Failed password for root from 10.0.0.9 port 1 ssh2]\n");
        lines.Append("Dec 10 09:11:59 host1 sshd[1]: Failed password for root from 10.0.0.9 port 1 ssh2\n");
        File.WriteAllText(input, lines.ToString());
        JsonElement alert = Assert.Single(Alerts(Run("--input", input, "--year", "2025", "--exit", "--data", Path.Combine(folder, "log")).Output));
        Assert.Equal("""{"alert":"brute-force","address":"10.0.0.9","window":"2025-12-10T09:11:00Z","count":5}""", alert.GetRawText());
    }

    [Fact]
    public async Task Syslog_comes_in_over_UDP_and_TCP_and_a_signal_ends_it_cleanly()
    {
        using Process program = Start("--listen", "127.0.0.1:0", "--data", Path.Combine(folder, "log"));
        int port = 0;
        while (port == 0)
        {
            string line = await program.StandardError.ReadLineAsync() ?? throw new InvalidOperationException("The program ended.");
            if (Regex.Match(line, @"Listening for syslog on 127\.0\.0\.1:(\d+)") is { Success: true } found) port = int.Parse(found.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        }

        using var udp = new UdpClient();
        await udp.SendAsync("<86>1 2025-12-10T09:11:00Z web sshd 12 - - Invalid user udp from 10.0.0.1"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, port));
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port);
        await tcp.GetStream().WriteAsync("73 <86>1 2025-12-10T09:11:00Z web sshd 12 - - Invalid user tcp from 10.0.0.1<86>Dec 10 09:11:00 web sshd[1]: Invalid user line from 10.0.0.1\n"u8.ToArray());
        var users = new HashSet<string>();
        while (users.Count < 3)
        {
            string line = await program.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The program ended.");
            users.Add(JsonDocument.Parse(line).RootElement.GetProperty("user").GetString()!);
        }

        Assert.Equal(["line", "tcp", "udp"], users.Order());
        using Process signal = Process.Start("kill", ["-TERM", program.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await program.WaitForExitAsync();
        Assert.Equal(0, program.ExitCode);
    }

    [Fact]
    public void Wrong_input_is_one_clear_line_and_a_nonzero_exit()
    {
        (int code, _, string errors) = Run("--input", Path.Combine(folder, "missing.log"), "--exit", "--data", Path.Combine(folder, "log"));
        Assert.Equal(1, code);
        Assert.Contains("does not exist", errors, StringComparison.Ordinal);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        (code, _, errors) = Run("--listen", taken.LocalEndpoint.ToString()!, "--data", Path.Combine(folder, "log"));
        Assert.Equal(1, code);
        Assert.Contains("is taken", errors, StringComparison.Ordinal);
        (code, _, errors) = Run("--year", "12345");
        Assert.NotEqual(0, code);
        Assert.Contains("not a year", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_in_use_is_refused()
    {
        string data = Path.Combine(folder, "log");
        using Process first = Start("--listen", "127.0.0.1:0", "--data", data);
        while (!(await first.StandardError.ReadLineAsync() ?? "").Contains("Listening", StringComparison.Ordinal))
        {
        }

        (int code, _, string errors) = Run("--exit", "--data", data);
        first.Kill();
        await first.WaitForExitAsync();
        Assert.Equal(1, code);
        Assert.Contains("is used by", errors, StringComparison.Ordinal);
        // Where the log is, and what is wrong: nothing else.
        Assert.Equal(2, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Killed_in_the_middle_it_goes_on_and_the_log_has_every_alert_once()
    {
        string input = Path.Combine(folder, "auth.log");
        string data = Path.Combine(folder, "log");
        const int Lines = 60_000;
        using (var writer = new StreamWriter(input))
        {
            for (int i = 0; i < Lines; i++) writer.Write($"Dec 10 09:{i / 60 % 60:D2}:{i % 60:D2} web sshd[1]: Invalid user u{i} from 10.0.{i / 250 % 250}.{i % 250}\n");
        }

        for (int kill = 0; kill < 3; kill++)
        {
            using Process program = Start("--input", input, "--year", "2025", "--exit", "--data", data);
            _ = program.StandardOutput.ReadToEndAsync();
            await Task.Delay(250 + (kill * 60));
            program.Kill();
            await program.WaitForExitAsync();
        }

        Assert.Equal(0, Run("--input", input, "--year", "2025", "--exit", "--data", data).Code);
        // What was printed before a kill may be printed again; the log itself holds each alert exactly once.
        Assert.Equal(Lines, (await LogReading.AlertUsersAsync(data)).Count);
        Assert.Equal(Lines, (await LogReading.AlertUsersAsync(data)).Distinct().Count());
    }

    [Fact]
    public void The_topology_is_printed()
    {
        (int code, string json, _) = Run("--topology", "json");
        Assert.Equal(0, code);
        Assert.Contains("brute-force", JsonDocument.Parse(json).RootElement.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("flowchart", Run("--topology", "mermaid").Output, StringComparison.Ordinal);
    }

    internal static JsonElement[] Alerts(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];

    internal static (int Code, string Output, string Errors) Run(params string[] arguments)
    {
        using Process program = Start(arguments);
        Task<string> output = program.StandardOutput.ReadToEndAsync();
        string errors = program.StandardError.ReadToEnd();
        program.WaitForExit();
        return (program.ExitCode, output.Result, errors);
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 };
        start.ArgumentList.Add(typeof(SecurityLogOptions).Assembly.Location);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
