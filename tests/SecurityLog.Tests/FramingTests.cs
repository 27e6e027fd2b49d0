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
    public void A_line_that_is_too_long_is_one_message_of_its_first_64_KiB_and_says_so()
    {
        byte[] stream = [.. "<1>"u8, .. Enumerable.Repeat((byte)'x', 399_997), .. "\n<1>next\n"u8];
        foreach (int piece in (int[])[10_000, 65_536, 65_537, 500_000])
        {
            var framing = new SyslogFraming();
            var splitter = new LineSplitter();
            var messages = new List<ReadOnlyMemory<byte>>();
            var lines = new List<ReadOnlyMemory<byte>>();
            foreach (byte[] part in stream.Chunk(piece))
            {
                framing.Take(part, messages);
                splitter.Take(part, lines);
            }

            foreach (List<ReadOnlyMemory<byte>> all in (List<ReadOnlyMemory<byte>>[])[messages, lines])
            {
                Assert.Equal(2, all.Count);
                Assert.Equal(Encoding.ASCII.GetString(stream, 0, 65_536) + " [cut: 400000 bytes]", Encoding.ASCII.GetString(all[0].Span));
                Assert.Equal("<1>next", Encoding.ASCII.GetString(all[1].Span));
            }
        }
    }

    [Fact]
    public void A_counted_message_that_is_too_long_is_one_message_too()
    {
        byte[] stream = [.. "100000 <1>"u8, .. Enumerable.Repeat((byte)'x', 99_997), .. "7 <1>next"u8];
        foreach (int piece in (int[])[1_000, 65_536, 200_000])
        {
            var framing = new SyslogFraming();
            var messages = new List<ReadOnlyMemory<byte>>();
            foreach (byte[] part in stream.Chunk(piece)) framing.Take(part, messages);
            Assert.Equal(2, messages.Count);
            Assert.EndsWith("x [cut: 100000 bytes]", Encoding.ASCII.GetString(messages[0].Span), StringComparison.Ordinal);
            Assert.Equal("<1>next", Encoding.ASCII.GetString(messages[1].Span));
        }
    }

    [Fact]
    public void A_line_of_exactly_64_KiB_is_whole()
    {
        byte[] line = [.. Enumerable.Repeat((byte)'x', 65_536), (byte)'\n'];
        var splitter = new LineSplitter();
        var lines = new List<ReadOnlyMemory<byte>>();
        foreach (byte[] part in line.Chunk(1_000)) splitter.Take(part, lines);
        Assert.Equal(65_536, Assert.Single(lines).Length);
    }

    [Fact]
    public void A_counted_message_cut_by_the_end_of_its_connection_is_kept_and_is_no_syslog()
    {
        var framing = new SyslogFraming();
        var messages = new List<ReadOnlyMemory<byte>>();
        framing.Take("20 <1>abc"u8, messages);
        framing.End(messages);
        Assert.Equal("20 <1>abc", Encoding.ASCII.GetString(Assert.Single(messages).Span));
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
