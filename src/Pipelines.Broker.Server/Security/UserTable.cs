using System.Security.Cryptography;
using System.Text;
using Pipelines.Protocol.Security;

namespace Pipelines.Broker.Server.Security;

/// <summary>The users: those of the settings, then those of the log.</summary>
internal sealed class UserTable
{
    private const int DecoySaltBytes = 24;

    private readonly byte[] decoySecret = RandomNumberGenerator.GetBytes(32);
    private readonly LogEngine engine;
    private readonly Dictionary<(string User, ScramHash Scram), ScramKeys> settled = [];

    internal UserTable(SaslOptions options, LogEngine engine)
    {
        this.engine = engine;
        foreach ((string user, string password) in options.Users)
        {
            settled[(user, ScramHash.Sha256)] = ScramKeys.Of(ScramHash.Sha256, password);
            settled[(user, ScramHash.Sha512)] = ScramKeys.Of(ScramHash.Sha512, password);
        }
    }

    /// <summary>True when the user is one of the settings, which alone can change it.</summary>
    internal bool IsSettled(string user) => settled.ContainsKey((user, ScramHash.Sha256));

    /// <summary>The keys of a user, or null.</summary>
    internal ScramKeys? Find(string user, ScramHash scram) =>
        settled.GetValueOrDefault((user, scram))
        ?? engine.Credentials.GetValueOrDefault((user, scram == ScramHash.Sha512 ? SaslMechanism.ScramSha512 : SaslMechanism.ScramSha256));

    /// <summary>The keys of a user; for one that is not known keys of no password, with a salt that stays the same.</summary>
    internal ScramKeys FindOrInvent(string user, ScramHash scram) => Find(user, scram) ?? new ScramKeys(
        HMACSHA256.HashData(decoySecret, Encoding.UTF8.GetBytes($"{scram.MechanismName} {user}")).AsMemory(0, DecoySaltBytes),
        ScramHash.LeastIterations,
        RandomNumberGenerator.GetBytes(scram.SizeBytes),
        RandomNumberGenerator.GetBytes(scram.SizeBytes));

    /// <summary>Whether it is the user's password; takes as long for users that are not known.</summary>
    internal bool IsPassword(string user, string password)
    {
        ScramHash scram = Find(user, ScramHash.Sha256) is null && Find(user, ScramHash.Sha512) is not null ? ScramHash.Sha512 : ScramHash.Sha256;
        return FindOrInvent(user, scram).IsPassword(scram, password);
    }
}
