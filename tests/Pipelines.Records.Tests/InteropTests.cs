using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Pipelines.Records.Tests;

/// <summary>What we write, others read, and the other way round: JavaScript's @msgpack/msgpack and Python's msgpack.</summary>
public sealed class InteropTests
{
    [Theory]
    [InlineData("node", "codec.mjs")]
    [InlineData("/usr/bin/python3", "codec.py")]
    public void They_read_what_we_write(string program, string script)
    {
        JsonElement read = JsonDocument.Parse(Run(program, script, "decode", Convert.ToHexString(RoundTripTests.Value(RoundTripTests.Sample)))).RootElement;
        Assert.Equal(31, read.GetArrayLength());
        Assert.Equal("id-1", read[0].GetString());
        Assert.True(read[1].GetBoolean());
        Assert.Equal("-100", read[3].ToString());
        Assert.Equal("-9223372036854775808", read[8].ToString());
        Assert.Equal("18446744073709551615", read[9].ToString());
        Assert.Equal(1.5, read[10].GetDouble());
        Assert.Equal(Math.PI, read[11].GetDouble());
        Assert.Equal("-79228162514264337593543950335", read[12].GetString());
        Assert.Equal("0f8fad5b-d9cb-469f-a165-70867728950e", read[14].GetString());
        // Local time and the offset in minutes.
        Assert.Equal("2025-12-10T09:11:00.123Z", read[15][0].GetString());
        Assert.Equal("120", read[15][1].ToString());
        Assert.Equal("naïve 🙂", read[19].GetString());
        Assert.Equal("00ff", read[20].GetString());
        Assert.Equal("[1,-1,70000]", Compact(read[21]));
        Assert.Equal("[[1,2]]", Compact(read[23]));
        Assert.Equal("[-3,4]", Compact(read[25]));
    }

    [Theory]
    [InlineData("node", "codec.mjs")]
    [InlineData("/usr/bin/python3", "codec.py")]
    public void We_read_what_they_write(string program, string script)
    {
        Assert.Equal(new SmallGrown(7, -8, 9, "note", 2), RoundTripTests.Read<SmallGrown>(null, Encoded(program, script, "grown")));
        Assert.Equal(
            new SmallGrown(9007199254740993, int.MaxValue, -1, "naïve 🙂", 1.5), RoundTripTests.Read<SmallGrown>(null, Encoded(program, script, "grownLong")));
        Everything read = RoundTripTests.Read<Everything>(null, Encoded(program, script, "everything"));
        Assert.Equal(ulong.MaxValue, read.ULong);
        Assert.Equal(12.5m, read.Decimal);
        Assert.Equal('A', read.Char);
        Assert.Equal(new DateTimeOffset(2025, 12, 10, 9, 11, 0, 123, TimeSpan.Zero), read.At);
        Assert.Equal(Colour.Green, read.Colour);
        Assert.Equal("text", read.Text.ToString());
        Assert.Equal([1, 2], read.Bytes);
        Assert.Equal([new Point(1, 2)], read.Points);
        Assert.Equal(new Point(3, 4), read.Point);
        Assert.Null(read.MaybeAt);
    }

    private static byte[] Encoded(string program, string script, string name) => Convert.FromHexString(Run(program, script, "encode", name));

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element).Replace("\"", "", StringComparison.Ordinal);

    private static string Run(string program, string script, string verb, string argument, [CallerFilePath] string here = "")
    {
        string folder = Path.Combine(Path.GetDirectoryName(here)!, "..", "Interop");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder, StandardOutputEncoding = Encoding.UTF8 };
        start.ArgumentList.Add(script);
        start.ArgumentList.Add(verb);
        start.ArgumentList.Add(argument);
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {script} failed; run eng/install-test-tools.sh. {errors}");
        return output.Trim();
    }
}
