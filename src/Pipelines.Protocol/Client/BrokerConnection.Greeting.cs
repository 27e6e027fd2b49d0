using System.Collections.Immutable;
using System.Text;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Security;

namespace Pipelines.Protocol.Client;

/// <content>What a connection begins with: versions (KIP-35, KIP-511), then credentials (KIP-43, KIP-152).</content>
public sealed partial class BrokerConnection
{
    private const short UnsupportedSaslMechanism = 33;
    private const short IllegalSaslState = 34;
    private const short UnsupportedVersion = 35;
    private const short SaslAuthenticationFailed = 58;
    private const short FirstGreeting = 3;
    private const string SoftwareName = "pipelines";
    private static readonly string SoftwareVersion = typeof(BrokerConnection).Assembly.GetName().Version?.ToString(3) ?? "0";

    private async Task NegotiateAsync(CancellationToken cancellation)
    {
        ApiVersionsResponse known = await GreetAsync(cancellation).ConfigureAwait(false);
        isGreeted = true;
        // Keys without a schema are left out. A broker may name one twice only by mistake; the last is as good as the first.
        BrokerVersions = known.ApiKeys
            .Where(static api => Api.Find((ApiKey)api.ApiKey) is not null)
            .GroupBy(static api => (ApiKey)api.ApiKey)
            .ToImmutableDictionary(static group => group.Key, static group => new VersionRange(group.Last().MinVersion, group.Last().MaxVersion));
        Features = known.FinalizedFeatures.ToImmutableDictionary(static feature => feature.Name, static feature => feature.MaxVersionLevel);
        if (options.Credentials is { } credentials) await AuthenticateAsync(credentials, cancellation).ConfigureAwait(false);
    }

    /// <summary>Asks in version 3. A broker that has only older ones answers in version 0, and says which it has, or nothing when it is very old.</summary>
    private async Task<ApiVersionsResponse> GreetAsync(CancellationToken cancellation)
    {
        var request = new ApiVersionsRequest { ClientSoftwareName = SoftwareName, ClientSoftwareVersion = SoftwareVersion };
        ApiVersionsResponse answer = await AskVersionsAsync(request, FirstGreeting, cancellation).ConfigureAwait(false);
        if (answer.ErrorCode == UnsupportedVersion)
        {
            short most = answer.ApiKeys.Find(static api => api.ApiKey == (short)ApiKey.ApiVersions)?.MaxVersion ?? 0;
            answer = await AskVersionsAsync(request, Math.Clamp(most, (short)0, (short)(FirstGreeting - 1)), cancellation).ConfigureAwait(false);
        }

        return answer.ErrorCode == 0
            ? answer
            : throw new BrokerConnectionException($"Broker {Address} answered ApiVersions with error {answer.ErrorCode}.", answer.ErrorCode);
    }

    private async Task<ApiVersionsResponse> AskVersionsAsync(ApiVersionsRequest request, short version, CancellationToken cancellation)
    {
        Pending pendingAnswer = (await WriteAsync(request, ApiKey.ApiVersions, version, isAnswered: true, cancellation).ConfigureAwait(false))!;
        ReadOnlyMemory<byte> frame = await pendingAnswer.Task.WaitAsync(cancellation).ConfigureAwait(false);
        // The header is the same in all versions; the error code comes first in all of them.
        bool isRefused = frame.Length >= 6 && System.Buffers.Binary.BinaryPrimitives.ReadInt16BigEndian(frame.Span[4..]) == UnsupportedVersion;
        var answer = new ApiVersionsResponse();
        Decode(frame, ApiKey.ApiVersions, isRefused ? (short)0 : version, answer);
        return answer;
    }

    private async Task AuthenticateAsync(SaslCredentials credentials, CancellationToken cancellation)
    {
        SaslHandshakeResponse handshake = await SendAsync(new SaslHandshakeRequest { Mechanism = credentials.MechanismName }, cancellation: cancellation).ConfigureAwait(false);
        if (handshake.ErrorCode != 0) throw Refused(handshake, credentials);
        if (credentials.Mechanism == SaslMechanism.Plain)
        {
            await ExchangeAsync(credentials, $"\0{credentials.User}\0{credentials.Password}", cancellation).ConfigureAwait(false);
            return;
        }

        var scram = new ScramClient(credentials.Mechanism == SaslMechanism.ScramSha256 ? ScramHash.Sha256 : ScramHash.Sha512, credentials.User, credentials.Password);
        try
        {
            string serverFirst = await ExchangeAsync(credentials, scram.FirstMessage, cancellation).ConfigureAwait(false);
            scram.Verify(await ExchangeAsync(credentials, scram.FinalMessage(serverFirst), cancellation).ConfigureAwait(false));
        }
        catch (ScramException problem)
        {
            throw new BrokerConnectionException($"Broker {Address} did not prove itself to {credentials}: {problem.Message}", 0, problem) { Problem = ConnectionProblem.BrokerNotProven };
        }
    }

    private async Task<string> ExchangeAsync(SaslCredentials credentials, string message, CancellationToken cancellation)
    {
        SaslAuthenticateResponse answer = await SendAsync(new SaslAuthenticateRequest { AuthBytes = Encoding.UTF8.GetBytes(message) }, cancellation: cancellation).ConfigureAwait(false);
        if (answer.ErrorCode == 0) return Encoding.UTF8.GetString(answer.AuthBytes.Span);
        throw new BrokerConnectionException($"Broker {Address} refused the login of {credentials}: {answer.ErrorMessage?.TrimEnd('.')} (error {answer.ErrorCode}).", answer.ErrorCode)
        {
            Problem = answer.ErrorCode == SaslAuthenticationFailed ? ConnectionProblem.LoginRefused : ConnectionProblem.Other,
        };
    }

    private BrokerConnectionException Refused(SaslHandshakeResponse answer, SaslCredentials credentials) => answer.ErrorCode switch
    {
        UnsupportedSaslMechanism => new($"Broker {Address} does not have the mechanism {credentials.MechanismName}; it has {string.Join(", ", answer.Mechanisms)}.", answer.ErrorCode) { Problem = ConnectionProblem.MechanismRefused },
        IllegalSaslState => new($"Broker {Address} takes no login, but {credentials} was to log in.", answer.ErrorCode) { Problem = ConnectionProblem.LoginNotTaken },
        _ => new($"Broker {Address} refused the login of {credentials} (error {answer.ErrorCode}).", answer.ErrorCode),
    };
}
