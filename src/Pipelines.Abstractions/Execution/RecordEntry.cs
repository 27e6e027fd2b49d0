using System.ComponentModel;

namespace Pipelines.Execution;

/// <summary>Where one record's parts are in the bytes of its batch.</summary>
/// <remarks>
/// The framing of a batch is cut once, when it is read; every deployment that handles the batch uses the same entries.
/// A start is an index into the batch's bytes; a length of -1 says that the part is null.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public readonly record struct RecordEntry(
    long Offset,
    long Timestamp,
    int KeyStart,
    int KeyLength,
    int ValueStart,
    int ValueLength,
    int HeadersStart,
    int HeaderCount);
