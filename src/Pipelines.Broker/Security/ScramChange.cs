using Pipelines.Protocol.Security;

namespace Pipelines.Broker.Security;

/// <summary>A user's credential for one mechanism is set, or deleted.</summary>
/// <param name="User">The user.</param>
/// <param name="Mechanism">The mechanism, one of SCRAM.</param>
/// <param name="Keys">The keys; null deletes them.</param>
internal sealed record ScramChange(string User, SaslMechanism Mechanism, ScramKeys? Keys);
