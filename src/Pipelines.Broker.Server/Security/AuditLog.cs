using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipelines.Broker.Server.Connections;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Security;

namespace Pipelines.Broker.Server.Security;

/// <summary>Who came, and who was refused what: one line each, never with a secret, and not the same line all the time.</summary>
internal sealed partial class AuditLog(ILoggerFactory factory, TimeProvider clock)
{
    /// <summary>What its lines are filed under.</summary>
    internal const string Category = "Pipelines.Broker.Server.Audit";

    private const int MaxNameLength = 256;

    private readonly ILogger log = factory.CreateLogger(Category);
    private readonly RepeatLimit limit = new(clock);

    internal void LoggedIn(Connection connection, string mechanism) => LoggedIn(log, Printable(connection.Principal), connection.RemoteHost, mechanism, connection.Id);

    internal void LoginFailed(Connection connection, string user, string mechanism, string reason)
    {
        user = Printable(user);
        if (limit.TryPass($"login {connection.RemoteHost} {mechanism} {user}", out int skipped)) LoginFailed(log, user, connection.RemoteHost, Printable(mechanism), reason.TrimEnd('.'), Repeats(skipped));
    }

    internal void NotLoggedIn(Connection connection, ApiKey api)
    {
        if (limit.TryPass($"early {connection.RemoteHost} {api}", out int skipped)) NotLoggedIn(log, connection.RemoteHost, api, Repeats(skipped));
    }

    internal void NoTls(string host)
    {
        if (limit.TryPass($"tls {host}", out int skipped)) NoTls(log, host, Repeats(skipped));
    }

    internal void Denied(Connection connection, ApiKey api, Operation operation, ResourceKind kind, string name)
    {
        name = Printable(name);
        if (limit.TryPass($"{connection.Principal} {connection.RemoteHost} {api} {operation} {kind} {name}", out int skipped))
            Denied(log, Printable(connection.Principal), connection.RemoteHost, operation, kind, name, api, Repeats(skipped));
    }

    internal void AclChanged(Connection connection, string change, AclRule rule) => AclChanged(
        log, Printable(connection.Principal), connection.RemoteHost, change, rule.Permission, Printable(rule.Principal), Printable(rule.Host), rule.Operation, rule.Kind, rule.Pattern, Printable(rule.Name));

    internal void CredentialsChanged(Connection connection, ScramChange change) => CredentialsChanged(
        log, Printable(connection.Principal), connection.RemoteHost, change.Keys is null ? "deleted" : "set", change.Mechanism, Printable(change.User));

    private static string Repeats(int skipped) => skipped == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({skipped} like it left out before)");

    /// <summary>What a client calls itself or its topics may hold line ends, and anything else.</summary>
    private static string Printable(string text)
    {
        if (text.Length > MaxNameLength) text = text[..MaxNameLength];
        return text.Any(char.IsControl) ? string.Concat(text.Select(static letter => char.IsControl(letter) ? '?' : letter)) : text;
    }

    [LoggerMessage(20, LogLevel.Information, "{Principal} at {Host} has logged in with {Mechanism} (connection {Id}).")]
    private static partial void LoggedIn(ILogger log, string principal, string host, string mechanism, long id);

    [LoggerMessage(21, LogLevel.Warning, "Login of '{User}' at {Host} with {Mechanism} has failed: {Reason}{Repeats}.")]
    private static partial void LoginFailed(ILogger log, string user, string host, string mechanism, string reason, string repeats);

    [LoggerMessage(22, LogLevel.Warning, "{Host} asked for {Api} before it logged in, and was cut off{Repeats}.")]
    private static partial void NotLoggedIn(ILogger log, string host, ApiKey api, string repeats);

    [LoggerMessage(23, LogLevel.Warning, "{Principal} at {Host} may not {Operation} {Kind} '{Name}', asked with {Api}{Repeats}.")]
    private static partial void Denied(ILogger log, string principal, string host, Operation operation, ResourceKind kind, string name, ApiKey api, string repeats);

    [LoggerMessage(25, LogLevel.Information, "{Principal} at {Host} has {Change} the rule: {Permission} {For} at {From} to {Operation} {Kind} {Pattern} '{Name}'.")]
    private static partial void AclChanged(
        ILogger log, string principal, string host, string change, Permission permission, string @for, string from, Operation operation, ResourceKind kind, PatternKind pattern, string name);

    [LoggerMessage(26, LogLevel.Information, "{Principal} at {Host} has {Change} the {Mechanism} credential of '{User}'.")]
    private static partial void CredentialsChanged(ILogger log, string principal, string host, string change, SaslMechanism mechanism, string user);

    [LoggerMessage(24, LogLevel.Warning, "{Host} did not get through the TLS handshake{Repeats}.")]
    private static partial void NoTls(ILogger log, string host, string repeats);
}
