namespace Pipelines.Kafka;

/// <summary>What a request has to be allowed to do, in the words of Kafka's access control lists.</summary>
/// <param name="Kind">What it is done with, by its option of <c>kafka-acls.sh</c>.</param>
/// <param name="Operation">What is done.</param>
/// <param name="Name">With which one.</param>
/// <remarks>Source: Apache Kafka's documentation, "Operations and Resources on Protocols".</remarks>
internal readonly record struct Right(string Kind, string Operation, string Name)
{
    private const string Topics = "topic";
    private const string Groups = "group";
    private const string TransactionalIds = "transactional-id";
    private const string Clusters = "cluster";

    internal static Right OnTopic(string operation, string name) => new(Topics, operation, name);

    internal static Right OnGroup(string operation, string name) => new(Groups, operation, name);

    internal static Right OnTransactionalId(string operation, string name) => new(TransactionalIds, operation, name);

    /// <summary>Which of the rights is the one that an error says is missing.</summary>
    /// <returns>Null for an error that is about something else.</returns>
    internal static Right? Missing(short code, ReadOnlySpan<Right> needed)
    {
        string? kind = (KafkaError)code switch
        {
            KafkaError.TopicAuthorizationFailed => Topics,
            KafkaError.GroupAuthorizationFailed => Groups,
            KafkaError.TransactionalIdAuthorizationFailed => TransactionalIds,
            KafkaError.ClusterAuthorizationFailed => Clusters,
            _ => null,
        };
        foreach (Right right in needed)
        {
            if (right.Kind == kind) return right;
        }

        return kind == Clusters ? new Right(Clusters, "ClusterAction", "kafka-cluster") : null;
    }

    /// <summary>Who lacks it, and the command that gives it.</summary>
    internal string Explain(KafkaOptions options)
    {
        string principal = options.Principal;
        string name = Name;
        string resource = $" --{Kind} {name}";
        if (Kind == Clusters)
        {
            resource = " --cluster";
        }
        else if (Kind == TransactionalIds && name.LastIndexOf('-') is > 0 and int dash)
        {
            // Each process has an id of its own: the application's name, and the process's.
            name = name[..(dash + 1)] + '*';
            resource = $" --transactional-id {name[..^1]} --resource-pattern-type prefixed";
        }

        (string host, int port) = options.Bootstrap[0];
        return $"'{principal}' may not {Operation} {Kind.Replace('-', ' ')} '{name}'; allow it with: kafka-acls.sh --bootstrap-server {host}:{port} --add --allow-principal '{principal}' --operation {Operation}{resource}";
    }
}
