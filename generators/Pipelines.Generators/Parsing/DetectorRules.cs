using Microsoft.CodeAnalysis;

namespace Pipelines.Generators.Parsing;

/// <summary>Rules about the shape of a detector and its handlers.</summary>
/// <remarks>Ids are never reused. A page per rule: <c>analyzers/docs</c>.</remarks>
internal static class DetectorRules
{
    private const string Pages = "analyzers/docs/";

    /// <summary>The generator adds a part to the class, so the class has to be partial.</summary>
    public static readonly DiagnosticDescriptor DetectorIsNotPartial = new(
        id: "PIPE0001", title: "Detector class is not partial",
        messageFormat: "Detector '{0}' is not partial, so no topology is generated for it: the generator adds a part to the class; add the 'partial' modifier",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0001.md");

    /// <summary>The generated task names the class, and makes it when it is not static.</summary>
    public static readonly DiagnosticDescriptor DetectorShape = new(
        id: "PIPE0002", title: "Detector class has an unsupported shape",
        messageFormat: "Detector '{0}' is {1}, and the generated task could not name it or make it; declare it as a class of its own in a namespace: static, or sealed with a constructor",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0002.md");

    /// <summary>The name becomes part of topic names, which allow few characters.</summary>
    public static readonly DiagnosticDescriptor DetectorName = new(
        id: "PIPE0003", title: "Detector name cannot name topics and stores",
        messageFormat: "Detector '{0}' has the name '{1}', which cannot be a part of a topic's name; use 1 to 100 letters, digits, '.', '_' or '-'",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0003.md");

    /// <summary>A handler that is private is a helper to the compiler: nobody calls it.</summary>
    public static readonly DiagnosticDescriptor DetectorHasNoHandlers = new(
        id: "PIPE0004", title: "Detector has no handlers",
        messageFormat: "Detector '{0}' has no handler, so nothing ever calls it; add a public or internal method that takes a record by 'in', or remove [Detector]",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Warning, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0004.md");

    /// <summary>The generated task is another class.</summary>
    public static readonly DiagnosticDescriptor HandlerIsNotAccessible = new(
        id: "PIPE0005", title: "Handler is not accessible",
        messageFormat: "Handler '{0}' is {1}, so the generated task cannot call it; make it public or internal, or remove its handler attributes",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0005.md");

    /// <summary>The generated loop calls handlers directly and takes nothing back from them.</summary>
    public static readonly DiagnosticDescriptor HandlerSignature = new(
        id: "PIPE0006", title: "Handler has an unsupported signature",
        messageFormat: "Handler '{0}' {1}; {2}",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0006.md");

    /// <summary>A handler declares what it needs; what is not in the list cannot be given to it.</summary>
    public static readonly DiagnosticDescriptor UnsupportedParameter = new(
        id: "PIPE0007", title: "Parameter type is not supported",
        messageFormat: "Parameter '{0}' of handler '{1}' has type '{2}', which a handler of this kind cannot ask for; take one of: {3}",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0007.md");

    /// <summary>How a parameter is passed says what it is: a record or row comes in, state goes by ref.</summary>
    public static readonly DiagnosticDescriptor ParameterPassing = new(
        id: "PIPE0008", title: "Parameter is passed the wrong way",
        messageFormat: "Parameter '{0}' of handler '{1}' is passed {2}, which {3}; write '{4}'",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0008.md");

    /// <summary>The first parameter's type is the input.</summary>
    public static readonly DiagnosticDescriptor UnknownRecord = new(
        id: "PIPE0009", title: "First parameter is not a record",
        messageFormat: "Handler '{0}' reacts to '{1}', which is not a record type, so nothing can bring one to it; declare it as 'readonly partial record struct', with [Topic] or [Table] if it crosses the broker, or make the method private if it is a helper",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0009.md");

    /// <summary>What is sent must have a schema.</summary>
    public static readonly DiagnosticDescriptor EmitIsNotRecord = new(
        id: "PIPE0010", title: "Emitted type is not a record",
        messageFormat: "Handler '{0}' emits '{1}', which is not a record type, so it has no codec and no topic; declare it as 'readonly partial record struct'",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0010.md");

    /// <summary>Declared but without effect would be worse than refused.</summary>
    public static readonly DiagnosticDescriptor NotInThisVersion = new(
        id: "PIPE0011", title: "Feature is not supported in this version",
        messageFormat: "{0} of '{1}' is not supported in this version; {2}",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0011.md");

    /// <summary>One detector is one thing: the class, or an instance per task.</summary>
    public static readonly DiagnosticDescriptor StaticMismatch = new(
        id: "PIPE0012", title: "Static handler in a detector that is not static",
        messageFormat: "Handler '{0}' is static, but detector '{1}' is not: its other handlers belong to an instance; make the class static, or the handler not",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0012.md");

    /// <summary>Durations in attributes are read when the code is compiled.</summary>
    public static readonly DiagnosticDescriptor BadDuration = new(
        id: "PIPE0013", title: "Duration cannot be read",
        messageFormat: "'{0}' is not a duration for {1}: {2}; write a whole number and ms, s, m, h or d, such as \"500ms\" or \"5s\"",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0013.md");

    /// <summary>Only a windowed handler has a window to give.</summary>
    public static readonly DiagnosticDescriptor WindowWithoutTumbling = new(
        id: "PIPE0014", title: "Window parameter without a window",
        messageFormat: "Handler '{0}' takes a Window, but has none; add [Tumbling(\"...\")], or remove the parameter",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0014.md");

    /// <summary>A window is where state lives.</summary>
    public static readonly DiagnosticDescriptor TumblingWithoutState = new(
        id: "PIPE0015", title: "Window without state",
        messageFormat: "Handler '{0}' has [Tumbling] but no 'ref' state, so there is nothing that the window could hold; add a 'ref' parameter, or remove [Tumbling]",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0015.md");

    /// <summary>A record under one key has one handler per detector.</summary>
    public static readonly DiagnosticDescriptor DuplicateHandler = new(
        id: "PIPE0016", title: "Two handlers for one record and key",
        messageFormat: "Handlers '{0}' and '{1}' of detector '{2}' both take '{3}' under the same key, so their order would matter and be invisible; make them one handler, or give one another [KeyBy]",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0016.md");

    /// <summary>The key's bytes are written from the members that [KeyBy] names.</summary>
    public static readonly DiagnosticDescriptor BadKeyBy = new(
        id: "PIPE0017", title: "[KeyBy] does not name a key",
        messageFormat: "[KeyBy] on parameter '{0}' of handler '{1}' {2}; {3}",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0017.md");

    /// <summary>An [OnClose] handler is given what the window held: key members, the window, states.</summary>
    public static readonly DiagnosticDescriptor BadClose = new(
        id: "PIPE0018", title: "[OnClose] handler does not fit its window",
        messageFormat: "[OnClose] handler '{0}' {1}; {2}",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0018.md");

    /// <summary>An [OnLate] handler stands in for the windowed handler of the same record.</summary>
    public static readonly DiagnosticDescriptor BadLate = new(
        id: "PIPE0019", title: "[OnLate] handler does not fit a windowed handler",
        messageFormat: "[OnLate] handler '{0}' {1}; {2}",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0019.md");

    /// <summary>Retries count the tries after the first.</summary>
    public static readonly DiagnosticDescriptor BadRetries = new(
        id: "PIPE0020", title: "Negative number of retries",
        messageFormat: "Detector '{0}' has Retries = {1}, but a record cannot be handled fewer times than once; use 0 or more",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0020.md");

    /// <summary>State is copied to undo a failure and written to a changelog, so it has to be a value with a codec.</summary>
    public static readonly DiagnosticDescriptor UnsupportedState = new(
        id: "PIPE0021", title: "State cannot be logged and undone",
        messageFormat: "Parameter '{0}' of handler '{1}' keeps '{2}', which {3}; keep a number, a string, or a partial struct of such members",
        category: "Detector", defaultSeverity: DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: Pages + "PIPE0021.md");
}
