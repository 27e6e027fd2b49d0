namespace Pipelines;

/// <summary>Bytes are not a record of the type they should be.</summary>
public sealed class RecordFormatException : FormatException
{
    /// <summary>Says what was found, where, and what was expected.</summary>
    public RecordFormatException(string message) : base(message)
    {
    }

    /// <summary>Says what was found, where, and what was expected.</summary>
    public RecordFormatException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>An encoded record is larger than a batch may be.</summary>
public sealed class RecordTooLargeException : InvalidOperationException
{
    /// <summary>Says which record, how large it is and what the limit is.</summary>
    public RecordTooLargeException(string message) : base(message)
    {
    }
}

/// <summary>A record came after its window had closed.</summary>
public sealed class LateRecordException : Exception
{
    /// <summary>Says which window, and what stream time was.</summary>
    public LateRecordException(string message) : base(message)
    {
    }
}
