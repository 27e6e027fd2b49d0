namespace SecurityLog.Sources;

/// <summary>Lines as a source received them, and the source's position behind them.</summary>
/// <param name="Source">Names the source where its position is kept: the file's real path; empty for what cannot be read again.</param>
/// <param name="Lines">The lines, without their ends.</param>
/// <param name="Position">Where the source stands behind the last line.</param>
/// <param name="CameMs">When each line came, in Unix milliseconds, where the source knows; it dates lines that name no year.</param>
internal sealed record LineBatch(string Source, IReadOnlyList<ReadOnlyMemory<byte>> Lines, SourcePosition Position, IReadOnlyList<long>? CameMs = null);
