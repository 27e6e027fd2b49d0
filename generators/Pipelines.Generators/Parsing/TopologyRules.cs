using Microsoft.CodeAnalysis;

namespace Pipelines.Generators.Parsing;

/// <summary>Rules about how detectors fit together.</summary>
/// <remarks>Ids are never reused. A page per rule: <c>analyzers/docs</c>.</remarks>
internal static class TopologyRules
{
    private const string Pages = "analyzers/docs/";

    /// <summary>The name tells detectors apart in stores, topics and metrics.</summary>
    public static readonly DiagnosticDescriptor DuplicateDetector = new(
        id: "PIPE1001", title: "Two detectors have one name",
        messageFormat: "Detectors '{0}' and '{1}' are both named '{2}', so their stores and dead letters could not be told apart; rename one",
        category: "Topology", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE1001.md");

    /// <summary>A wire is a call: a cycle is a recursion without an end.</summary>
    public static readonly DiagnosticDescriptor WireCycle = new(
        id: "PIPE1002", title: "Wires form a cycle",
        messageFormat: "Wires form a cycle: {0}; a record on it would never come to an end; break it with a topic",
        category: "Topology", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE1002.md");

    /// <summary>A wire stays inside the deployment.</summary>
    public static readonly DiagnosticDescriptor UnusedWire = new(
        id: "PIPE1003", title: "Nobody takes what is sent on a wire",
        messageFormat: "'{0}' is sent on a wire, but no handler takes it, so it goes nowhere; add a handler for it, give the type [Topic], or stop sending it",
        category: "Topology", defaultSeverity: DiagnosticSeverity.Warning, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE1003.md");

    /// <summary>A wire is fed by handlers of the same assembly only.</summary>
    public static readonly DiagnosticDescriptor UnfedWire = new(
        id: "PIPE1004", title: "Nobody sends on a wire",
        messageFormat: "Handler '{0}' takes '{1}', which has neither [Topic] nor [Table] and which no handler sends, so it is never called; send it from a handler with Emit<{1}>, or give it [Topic]",
        category: "Topology", defaultSeverity: DiagnosticSeverity.Warning, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE1004.md");

    /// <summary>State and rows are found by key.</summary>
    public static readonly DiagnosticDescriptor StateWithoutKey = new(
        id: "PIPE1005", title: "State needs a key",
        messageFormat: "Parameter '{0}' of handler '{1}' is kept per key, but '{2}' has no key there; mark a member of the record with [Key], or name one with [KeyBy]",
        category: "Topology", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE1005.md");

    /// <summary>Handlers of one detector share state by the parameter's name.</summary>
    public static readonly DiagnosticDescriptor StoreConflict = new(
        id: "PIPE1006", title: "One store, two meanings",
        messageFormat: "Store '{0}' of detector '{1}' is used with {2} in '{3}' and with {4} in '{5}', but one name is one store; use the same, or another parameter name",
        category: "Topology", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE1006.md");

    /// <summary>A row is found by the bytes of the record's key.</summary>
    public static readonly DiagnosticDescriptor LookupKeyMismatch = new(
        id: "PIPE1007", title: "Look-up by a key of another type",
        messageFormat: "Handler '{0}' looks up '{1}' by the key ({2}) of '{3}', but the table's key is ({4}), so no row could be found; re-key the record with [KeyBy], or change the table's key",
        category: "Topology", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE1007.md");

    /// <summary>A key change costs a trip over the broker; the compiler says where.</summary>
    public static readonly DiagnosticDescriptor Repartitioned = new(
        id: "PIPE1008", title: "An internal topic repartitions records",
        messageFormat: "'{0}' is handled under the key ({1}) by '{2}', so internal topic '{3}' brings records of one key together",
        category: "Topology", defaultSeverity: DiagnosticSeverity.Info, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE1008.md");

    /// <summary>A wire without a key has the key of the record that it stems from.</summary>
    public static readonly DiagnosticDescriptor MixedKeys = new(
        id: "PIPE1009", title: "A wire without a key comes under different keys",
        messageFormat: "Handler '{0}' keeps state per key, but '{1}' has no [Key] and comes {2}; give it a [Key], or name one with [KeyBy]",
        category: "Topology", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE1009.md");

    /// <summary>Internal topics are named after record and key.</summary>
    public static readonly DiagnosticDescriptor InternalTopicName = new(
        id: "PIPE1010", title: "Two internal topics would have one name",
        messageFormat: "Records '{0}' and '{1}' would both need internal topic '{2}'; rename one of the types",
        category: "Topology", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE1010.md");

    /// <summary>A window closes when time passes, not because of one record.</summary>
    public static readonly DiagnosticDescriptor InfoWithoutRecord = new(
        id: "PIPE1011", title: "RecordInfo where there is no record",
        messageFormat: "Handler '{0}' takes RecordInfo, but '{1}' can come from an [OnClose] handler, and a window that closes stems from no record; remove the parameter, or give '{1}' what it needs as members",
        category: "Topology", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE1011.md");

    /// <summary>The changelog tells stores apart by 32 bits of a hash of detector and name.</summary>
    public static readonly DiagnosticDescriptor StoreNumber = new(
        id: "PIPE1012", title: "Two stores have one number",
        messageFormat: "Stores '{0}' and '{1}' have the same number in the changelog, {2}, so their states would be mixed up; rename one",
        category: "Topology", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE1012.md");
}
