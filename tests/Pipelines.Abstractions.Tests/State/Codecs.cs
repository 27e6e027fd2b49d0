using System.Buffers.Binary;
using System.Text;
using Pipelines.Execution;

namespace Pipelines.Abstractions.Tests.State;

/// <summary>Eight bytes, big-endian.</summary>
internal readonly struct LongCodec : IStateCodec<long>
{
    public static void Write(in long state, EncodeBuffer target)
    {
        BinaryPrimitives.WriteInt64BigEndian(target.GetSpan(8), state);
        target.Advance(8);
    }

    public static void Read(ReadOnlySpan<byte> source, out long state)
    {
        if (source.Length != 8) throw new RecordFormatException($"A state of {source.Length} bytes is no long, which takes 8.");
        state = BinaryPrimitives.ReadInt64BigEndian(source);
    }
}

/// <summary>A state that holds a reference, so that the table's slots are laid out for one.</summary>
internal record struct Note(string? Text, long Count);

/// <summary>The count, then the text in UTF-8; no text at all is a single zero byte.</summary>
internal readonly struct NoteCodec : IStateCodec<Note>
{
    public static void Write(in Note state, EncodeBuffer target)
    {
        LongCodec.Write(state.Count, target);
        target.WriteByte(state.Text is null ? (byte)0 : (byte)1);
        if (state.Text is { } text) target.Write(Encoding.UTF8.GetBytes(text));
    }

    public static void Read(ReadOnlySpan<byte> source, out Note state)
    {
        LongCodec.Read(source[..8], out long count);
        state = new Note(source[8] == 0 ? null : Encoding.UTF8.GetString(source[9..]), count);
    }
}
