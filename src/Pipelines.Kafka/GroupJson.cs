using System.Text.Json.Serialization;

namespace Pipelines.Kafka;

/// <summary>JSON of what members tell each other.</summary>
[JsonSerializable(typeof(string[][]))]
internal sealed partial class GroupJson : JsonSerializerContext;
