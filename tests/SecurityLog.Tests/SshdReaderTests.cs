using System.Text;
using SecurityLog.Sshd;

namespace SecurityLog.Tests;

public sealed class SshdReaderTests
{
    private static string? Read(string message, string app = "sshd") =>
        SshdReader.TryRead(Encoding.UTF8.GetBytes(app), Encoding.UTF8.GetBytes(message), out var report)
            ? $"{report.Kind} {report.Count}x '{Text(report.User)}' {(report.UserIsInvalid ? "invalid" : "known")} {Text(report.Address)} {report.Port}"
            : null;

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    [Theory]
    [InlineData("Invalid user webmaster from 173.234.31.186", "InvalidUser 1x 'webmaster' invalid 173.234.31.186 -1")]
    [InlineData("Invalid user webmaster from 173.234.31.186 port 38926", "InvalidUser 1x 'webmaster' invalid 173.234.31.186 38926")]
    [InlineData("Invalid user webmaster from 173.234.31.186 port 38926 [preauth]", "InvalidUser 1x 'webmaster' invalid 173.234.31.186 38926")]
    [InlineData("Invalid user  from 10.0.0.1", "InvalidUser 1x '' invalid 10.0.0.1 -1")]
    [InlineData("Invalid user  0101 from 5.188.10.180", "InvalidUser 1x ' 0101' invalid 5.188.10.180 -1")]
    [InlineData("Invalid user a b  from 5.188.10.180", "InvalidUser 1x 'a b ' invalid 5.188.10.180 -1")]
    [InlineData("Invalid user x from 1.2.3.4 port 5 from 9.9.9.9 port 77", "InvalidUser 1x 'x from 1.2.3.4 port 5' invalid 9.9.9.9 77")]
    [InlineData("Invalid user from from from", "InvalidUser 1x 'from' invalid from -1")]
    [InlineData("Invalid user ünal from 2001:db8::1%eth0 port 1", "InvalidUser 1x 'ünal' invalid 2001:db8::1%eth0 1")]
    [InlineData("Invalid user x from ns.example.com", "InvalidUser 1x 'x' invalid ns.example.com -1")]
    [InlineData("Failed password for root from 5.36.59.76 port 42393 ssh2", "FailedPassword 1x 'root' known 5.36.59.76 42393")]
    [InlineData("Failed password for invalid user webmaster from ::1 port 38926 ssh2", "FailedPassword 1x 'webmaster' invalid ::1 38926")]
    [InlineData("Failed password for invalid user  0101 from 5.188.10.180 port 36279 ssh2", "FailedPassword 1x ' 0101' invalid 5.188.10.180 36279")]
    [InlineData("Failed password for invalid user  from 1.1.1.1 port 1 ssh2", "FailedPassword 1x '' invalid 1.1.1.1 1")]
    [InlineData("Failed password for root from 6.6.6.6 port 1 ssh2 from 1.1.1.1 port 2 ssh2", "FailedPassword 1x 'root from 6.6.6.6 port 1 ssh2' known 1.1.1.1 2")]
    [InlineData("message repeated 5 times: [ Failed password for root from 5.36.59.76 port 42393 ssh2]", "FailedPassword 5x 'root' known 5.36.59.76 42393")]
    [InlineData("message repeated 2 times: [Invalid user a] from 1.1.1.1]", "InvalidUser 2x 'a]' invalid 1.1.1.1 -1")]
    public void Reports(string message, string expected) => Assert.Equal(expected, Read(message));

    [Theory]
    [InlineData("input_userauth_request: invalid user webmaster [preauth]")]
    [InlineData("invalid user webmaster from 1.1.1.1")]
    [InlineData("error: Invalid user webmaster from 1.1.1.1")]
    [InlineData("Invalid user webmaster")]
    [InlineData("Invalid user ")]
    [InlineData("Invalid user x from ")]
    [InlineData("Invalid user x from 1.1.1.1 port")]
    [InlineData("Invalid user x from 1.1.1.1 port 65536")]
    [InlineData("Invalid user x from 1.1.1.1 and more")]
    [InlineData("Connection closed by invalid user x 1.1.1.1 port 5 [preauth]")]
    [InlineData("Failed none for invalid user 0 from 5.188.10.180 port 49811 ssh2")]
    [InlineData("Failed password for root from 1.1.1.1 port 5")]
    [InlineData("Failed password for root from 1.1.1.1 ssh2")]
    [InlineData("Failed password for root from 1.1.1.1 port -5 ssh2")]
    [InlineData("Accepted password for root from 1.1.1.1 port 5 ssh2")]
    [InlineData("PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=1.1.1.1  user=root")]
    [InlineData("message repeated 0 times: [ Failed password for root from 1.1.1.1 port 5 ssh2]")]
    [InlineData("message repeated -1 times: [ Failed password for root from 1.1.1.1 port 5 ssh2]")]
    [InlineData("message repeated +1 times: [ Failed password for root from 1.1.1.1 port 5 ssh2]")]
    [InlineData("message repeated 99999999999 times: [ Failed password for root from 1.1.1.1 port 5 ssh2]")]
    [InlineData("message repeated 2 times: [ Failed password for root from 1.1.1.1 port 5 ssh2")]
    [InlineData("message repeated 2 times: [ message repeated 2 times: [ Invalid user x from 1.1.1.1]]")]
    [InlineData("message repeated ")]
    [InlineData("")]
    public void Other_messages_are_left_alone(string message) => Assert.Null(Read(message));

    [Theory]
    [InlineData("sshd", true)]
    [InlineData("sshd-session", true)]
    [InlineData("sshd2", false)]
    [InlineData("su", false)]
    [InlineData("", false)]
    public void Only_sshd_is_read(string app, bool read) =>
        Assert.Equal(read, Read("Invalid user x from 1.1.1.1", app) is not null);
}
