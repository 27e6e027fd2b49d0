using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Security;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells which users of the log have SCRAM credentials, but nothing of these that helps to guess a password.</summary>
/// <remarks>Source: KIP-554.</remarks>
internal sealed class DescribeUserScramCredentialsHandler : Handler<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>
{
    protected override ValueTask<DescribeUserScramCredentialsResponse?> HandleAsync(DescribeUserScramCredentialsRequest request, RequestContext context)
    {
        if (!context.AllowsCluster(Operation.Describe))
            return new(new DescribeUserScramCredentialsResponse { ErrorCode = (short)ErrorCode.ClusterAuthorizationFailed, ErrorMessage = "The principal may not see the users." });
        ILookup<string, (SaslMechanism Mechanism, int Iterations)> known = context.Engine.Credentials
            .OrderBy(static entry => entry.Key.Mechanism)
            .ToLookup(static entry => entry.Key.User, static entry => (entry.Key.Mechanism, entry.Value.Iterations), StringComparer.Ordinal);
        List<string> wanted = request.Users is { Count: > 0 } named ? [.. named.Select(static user => user.Name)] : [.. known.Select(static user => user.Key).Order(StringComparer.Ordinal)];
        var response = new DescribeUserScramCredentialsResponse();
        foreach (IGrouping<string, string> user in wanted.GroupBy(static user => user, StringComparer.Ordinal))
        {
            response.Results.Add(
                user.Count() > 1 ? Refused(user.Key, ErrorCode.DuplicateResource, $"User '{user.Key}' is named more than once in the request.")
                : !known.Contains(user.Key) ? Refused(user.Key, ErrorCode.ResourceNotFound, $"The log has no credentials of user '{user.Key}'.")
                : new()
                {
                    User = user.Key,
                    CredentialInfos = [.. known[user.Key].Select(static info => new DescribeUserScramCredentialsResponse.CredentialInfo
                    {
                        Mechanism = (sbyte)info.Mechanism,
                        Iterations = info.Iterations,
                    })],
                });
        }

        return new(response);
    }

    private static DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult Refused(string user, ErrorCode error, string message) =>
        new() { User = user, ErrorCode = (short)error, ErrorMessage = message };
}
