using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Broker.Server.Faults;

/// <summary>A request that has come, before it is served.</summary>
/// <param name="Api">Its API.</param>
/// <param name="Version">Its version.</param>
/// <param name="ClientId">What its client calls itself; empty when it says nothing.</param>
/// <param name="Connection">The number of its connection, which counts up.</param>
/// <param name="Count">How many requests the interceptor has seen with this one, from 1 on.</param>
/// <param name="Message">The request itself, such as a <see cref="ProduceRequest"/>. What it holds may be looked at until the interceptor returns.</param>
public sealed record InterceptedRequest(ApiKey Api, short Version, string ClientId, long Connection, int Count, IMessage Message);
