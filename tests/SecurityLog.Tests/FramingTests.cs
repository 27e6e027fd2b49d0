using System.Text;
using SecurityLog.Sources;

namespace SecurityLog.Tests;

public sealed class FramingTests
{
    [Fact]
    public void Octet_counted_and_newline_messages_come_out_however_the_stream_is_cut()
    {
        byte[] stream = Encoding.UTF8.GetBytes("11 <34>1 - abc<34>plain line\r\n12 <13>two\nlin2<5>last\n7 <1>abcd");
        string[] expected = ["<34>1 - abc", "<34>plain line", "<13>two\nlin2", "<5>last", "<1>abcd"];
        for (int cut = 0; cut <= stream.Length; cut++)
        {
            var framing = new SyslogFraming();
            var messages = new List<ReadOnlyMemory<byte>>();
            framing.Take(stream.AsSpan(0, cut), messages);
            framing.Take(stream.AsSpan(cut), messages);
            framing.End(messages);
            Assert.Equal(expected, messages.Select(static message => Encoding.UTF8.GetString(message.Span)));
        }
    }

    [Fact]
    public void Bytes_one_at_a_time_make_the_same_messages()
    {
        var framing = new SyslogFraming();
        var messages = new List<ReadOnlyMemory<byte>>();
        foreach (byte next in "8 <1>a b c9 not counted\n"u8.ToArray()) framing.Take([next], messages);
        Assert.Equal(["<1>a b c", "9 not counted"], messages.Select(static message => Encoding.UTF8.GetString(message.Span)));
    }

    [Fact]
    public void An_endless_line_is_cut_and_costs_bounded_memory()
    {
        var framing = new SyslogFraming();
        var messages = new List<ReadOnlyMemory<byte>>();
        for (int i = 0; i < 40; i++) framing.Take(new byte[10_000].AsSpan(), messages);
        Assert.All(messages, static message => Assert.True(message.Length <= LineSplitter.MaxLineBytes));
        Assert.NotEmpty(messages);
    }

    [Fact]
    public void Lines_end_with_LF_or_CRLF_and_the_last_one_with_the_file()
    {
        byte[] text = "one\r\ntwo\n\nthree"u8.ToArray();
        for (int cut = 0; cut <= text.Length; cut++)
        {
            var splitter = new LineSplitter();
            var lines = new List<ReadOnlyMemory<byte>>();
            splitter.Take(text.AsSpan(0, cut), lines);
            splitter.Take(text.AsSpan(cut), lines);
            splitter.End(lines);
            Assert.Equal(["one", "two", "", "three"], lines.Select(static line => Encoding.UTF8.GetString(line.Span)));
        }
    }
}
