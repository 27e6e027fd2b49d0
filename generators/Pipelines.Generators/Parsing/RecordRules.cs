using Microsoft.CodeAnalysis;

namespace Pipelines.Generators.Parsing;

/// <summary>Rules about record types.</summary>
/// <remarks>Ids are never reused. A page per rule: <c>analyzers/docs</c>.</remarks>
internal static class RecordRules
{
    private const string Pages = "analyzers/docs/";

    /// <summary>A record is an immutable value, and the generator adds its codec to it.</summary>
    public static readonly DiagnosticDescriptor RecordShape = new(
        id: "PIPE0050", title: "Record type has an unsupported shape",
        messageFormat: "Record '{0}' {1}, so no codec can be added to it; {2}",
        category: "Record", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0050.md");

    /// <summary>Every member is a part of the record's value.</summary>
    public static readonly DiagnosticDescriptor UnsupportedMember = new(
        id: "PIPE0051", title: "Member type has no codec",
        messageFormat: "Member '{0}' of record '{1}' {2}; use numbers, bool, char, string, Text, Guid, DateTimeOffset, DateOnly, TimeSpan, enums, arrays or lists of these, or partial structs",
        category: "Record", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0051.md");

    /// <summary>A key is one value, or several.</summary>
    public static readonly DiagnosticDescriptor UnsupportedKey = new(
        id: "PIPE0055", title: "Key member is not one value",
        messageFormat: "Key member '{0}' of record '{1}' has type '{2}', which cannot be a key; mark members that are one value each, several if need be",
        category: "Record", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0055.md");

    /// <summary>A topic's bytes mean one thing.</summary>
    public static readonly DiagnosticDescriptor TopicTwice = new(
        id: "PIPE0056", title: "Two record types have one topic",
        messageFormat: "Record '{0}' lives on topic '{1}', but so does '{2}', and nothing in the bytes says which of the two they are; name another topic, use one type, or use Format.Json for both",
        category: "Record", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0056.md");

    /// <summary>A record has one event time, kept in whole milliseconds.</summary>
    public static readonly DiagnosticDescriptor EventTimeMember = new(
        id: "PIPE0052", title: "[EventTime] does not name a time",
        messageFormat: "Record '{0}' {1}; mark one DateTimeOffset, or one long of Unix milliseconds",
        category: "Record", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0052.md");

    /// <summary>A text record's value is one text and nothing else.</summary>
    public static readonly DiagnosticDescriptor TextShape = new(
        id: "PIPE0053", title: "Text record has no single text",
        messageFormat: "Record '{0}' has Format.Text, but {1}; keep one member of type string or Text beside the key, or use another Format",
        category: "Record", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0053.md");

    /// <summary>A table keeps the last record of each key.</summary>
    public static readonly DiagnosticDescriptor TableWithoutKey = new(
        id: "PIPE0054", title: "Table has no key",
        messageFormat: "Table '{0}' has no [Key] member, so one row could not be told from another; mark its key",
        category: "Record", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0054.md");
}
