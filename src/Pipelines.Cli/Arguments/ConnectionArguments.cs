using System.CommandLine;
using System.Net.Security;
using System.Security.Cryptography;
using Pipelines.Broker.Server;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Security;

namespace Pipelines.Cli.Arguments;

/// <summary>How to reach the cluster: addresses, TLS, and who one is.</summary>
internal sealed class ConnectionArguments
{
    private static readonly Address Usual = new("localhost", 9092);

    private readonly Option<string[]> bootstrap = new("--bootstrap")
    {
        Description = "A broker of the cluster; several with commas. Without it PIPELINES_BOOTSTRAP, or localhost:9092.",
        HelpName = "HOST:PORT",
    };

    private readonly Option<bool> tls = new("--tls") { Description = "Connect with TLS." };

    private readonly Option<FileInfo?> tlsCa = new("--tls-ca") { Description = "Trust the authorities in this file (PEM), not those of the system. Implies --tls.", HelpName = "FILE" };

    private readonly Option<string?> user = new("--user") { Description = "Log in as this user, with the password in PIPELINES_PASSWORD.", HelpName = "NAME" };

    private readonly Option<string> mechanism = new("--mechanism") { Description = "How to log in.", DefaultValueFactory = static _ => "scram-sha-256" };

    internal ConnectionArguments() => mechanism.AcceptOnlyFromAmong("scram-sha-256", "scram-sha-512", "plain");

    /// <summary>Adds the options to a command.</summary>
    internal void AddTo(Command command)
    {
        foreach (Option option in (Option[])[bootstrap, tls, tlsCa, user, mechanism]) command.Add(option);
    }

    /// <summary>A client of the cluster that was typed.</summary>
    internal BrokerClient Client(ParseResult parsed, Terminal terminal)
    {
        FileInfo? authorities = parsed.GetValue(tlsCa);
        var options = new BrokerConnectionOptions
        {
            Credentials = Credentials(parsed, terminal),
            Tls = !parsed.GetValue(tls) && authorities is null ? null : Tls(authorities),
        };
        return new BrokerClient(Addresses(parsed.GetValue(bootstrap), terminal), options);
    }

    private static List<(string Host, int Port)> Addresses(string[]? typed, Terminal terminal)
    {
        if (typed is not { Length: > 0 }) typed = [terminal.Bootstrap is { Length: > 0 } usual ? usual : Usual.ToString()];
        var addresses = new List<(string, int)>();
        foreach (string text in typed.SelectMany(static text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            if (!Address.TryParse(text, out Address address)) throw new UsageException($"'{text}' is no address of a broker. Write HOST:PORT, such as {Usual}.");
            addresses.Add((address.Host, address.Port));
        }

        return addresses;
    }

    private SaslCredentials? Credentials(ParseResult parsed, Terminal terminal)
    {
        if (parsed.GetValue(user) is not { } name) return null;
        if (string.IsNullOrEmpty(terminal.Password)) throw new UsageException($"There is no password for '{name}'. Put it into the environment variable PIPELINES_PASSWORD.");
        SaslMechanism by = parsed.GetValue(mechanism) switch
        {
            "plain" => SaslMechanism.Plain,
            "scram-sha-512" => SaslMechanism.ScramSha512,
            _ => SaslMechanism.ScramSha256,
        };
        return new SaslCredentials(by, name, terminal.Password);
    }

    private static Func<string, SslClientAuthenticationOptions> Tls(FileInfo? file)
    {
        if (file is null) return ClientTls.System;
        try
        {
            return ClientTls.Trusting(file.FullName);
        }
        catch (CryptographicException problem)
        {
            throw new CommandException($"'{file.FullName}' holds no certificates in PEM: {problem.Message}");
        }
    }
}
