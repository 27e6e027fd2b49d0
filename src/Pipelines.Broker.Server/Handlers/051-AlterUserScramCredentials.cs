using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Security;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Sets and deletes the credentials of users; answered when they are durable and in force. All of a user's changes are made, or none.</summary>
/// <remarks>Source: KIP-554. Passwords come stretched already; what is kept of them is not enough to log in with.</remarks>
internal sealed class AlterUserScramCredentialsHandler : Handler<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>
{
    protected override async ValueTask<AlterUserScramCredentialsResponse?> HandleAsync(AlterUserScramCredentialsRequest request, RequestContext context)
    {
        bool isAllowed = context.AllowsCluster(Operation.Alter);
        var response = new AlterUserScramCredentialsResponse();
        var changes = new List<ScramChange>();
        foreach (IGrouping<string, Wanted> user in Wanted.Of(request).GroupBy(static wanted => wanted.User, StringComparer.Ordinal))
        {
            (ErrorCode error, string? message) = isAllowed ? Check([.. user], context) : (ErrorCode.ClusterAuthorizationFailed, "The principal may not change users.");
            response.Results.Add(new() { User = user.Key, ErrorCode = (short)error, ErrorMessage = message });
            if (error == ErrorCode.None) changes.AddRange(user.Select(static wanted => wanted.ToChange()));
        }

        if (changes.Count == 0) return response;
        await context.Engine.ChangeCredentialsAsync(changes);
        foreach (ScramChange change in changes) context.Broker.Audit.CredentialsChanged(context.Connection, change);
        return response;
    }

    private static (ErrorCode Error, string? Message) Check(List<Wanted> wanted, RequestContext context)
    {
        if (wanted.DistinctBy(static one => one.Code).Count() < wanted.Count) return (ErrorCode.DuplicateResource, "A mechanism of the user is named more than once in the request.");
        foreach (Wanted one in wanted)
        {
            if (one.User.Length == 0) return (ErrorCode.UnacceptableCredential, "The user has no name.");
            if (context.Broker.Users?.IsSettled(one.User) == true)
                return (ErrorCode.UnacceptableCredential, $"User '{one.User}' is in the broker's settings. Change the password there.");
            if (one.Scram is not { } scram) return (ErrorCode.UnsupportedSaslMechanism, $"Mechanism {one.Code} is not SCRAM-SHA-256 (1) or SCRAM-SHA-512 (2).");
            if (one.Set is not { } set)
            {
                if (!context.Engine.Credentials.ContainsKey((one.User, one.Mechanism)))
                    return (ErrorCode.ResourceNotFound, $"User '{one.User}' has no credential for {scram.MechanismName}.");
                continue;
            }

            if (set.Iterations is < ScramHash.LeastIterations or > ScramHash.MostIterations)
                return (ErrorCode.UnacceptableCredential, $"{set.Iterations} iterations are wanted; {ScramHash.LeastIterations} to {ScramHash.MostIterations} are allowed.");
            if (set.Salt.Length == 0) return (ErrorCode.UnacceptableCredential, "The salt is empty.");
            if (set.SaltedPassword.Length != scram.SizeBytes)
                return (ErrorCode.UnacceptableCredential, $"The salted password has {set.SaltedPassword.Length} bytes; with {scram.MechanismName} it has {scram.SizeBytes}.");
        }

        return (ErrorCode.None, null);
    }

    /// <summary>One change that is asked for.</summary>
    private sealed record Wanted(string User, sbyte Code, AlterUserScramCredentialsRequest.ScramCredentialUpsertion? Set)
    {
        internal SaslMechanism Mechanism => (SaslMechanism)Code;

        internal ScramHash? Scram => Mechanism switch { SaslMechanism.ScramSha256 => ScramHash.Sha256, SaslMechanism.ScramSha512 => ScramHash.Sha512, _ => null };

        internal static IEnumerable<Wanted> Of(AlterUserScramCredentialsRequest request) =>
            request.Deletions.Select(static deletion => new Wanted(deletion.Name, deletion.Mechanism, null))
                .Concat(request.Upsertions.Select(static set => new Wanted(set.Name, set.Mechanism, set)));

        /// <summary>The salt is copied: it outlives the frame.</summary>
        internal ScramChange ToChange() =>
            new(User, Mechanism, Set is null ? null : ScramKeys.Of(Scram!, Set.SaltedPassword.ToArray(), Set.Salt.ToArray(), Set.Iterations));
    }
}
