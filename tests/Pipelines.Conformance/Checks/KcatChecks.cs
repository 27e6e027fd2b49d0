using System.Text.Json.Nodes;
using Pipelines.Conformance.Brokers;
using Pipelines.Conformance.Programs;

namespace Pipelines.Conformance.Checks;

/// <summary>kcat, the tool with which people look into a broker.</summary>
public sealed class KcatChecks(Bench bench)
{
    private async Task<CommandResult> Kcat(BrokerKind broker, string arguments, string? input = null)
    {
        Waiting.For(Client.Found("kcat") ? null : "kcat (run eng/install-test-tools.sh)");
        BrokerUnderTest at = await bench.BrokerAsync(broker);
        return (await Command.RunAsync("kcat", ["-b", at.Bootstrap, .. arguments.Split(' ')], input, 30)).Succeeded();
    }

    [Theory, OnEachBroker]
    public async Task Lists_metadata(BrokerKind broker)
    {
        string topic = Bench.Unique("listed");
        await Kcat(broker, $"-P -t {topic}", "made\n");
        JsonNode listed = JsonNode.Parse((await Kcat(broker, $"-L -J -t {topic}")).Output)!;
        Assert.Single(listed["brokers"]!.AsArray());
        Assert.Equal(topic, (string?)listed["topics"]![0]!["topic"]);
        JsonNode partition = Assert.Single(listed["topics"]![0]!["partitions"]!.AsArray())!;
        Assert.Equal((int?)listed["brokers"]![0]!["id"], (int?)partition["leader"]);
        Assert.Contains(topic, (await Kcat(broker, "-L")).Output, StringComparison.Ordinal);
    }

    [Theory, OnEachBroker]
    public async Task Writes_and_reads_keys_headers_and_tombstones(BrokerKind broker)
    {
        string topic = Bench.Unique("kcat");
        await Kcat(broker, $"-P -t {topic} -K : -H one=1 -H two=", "a:first\nb:naïve 🙂\n");
        await Kcat(broker, $"-P -t {topic} -K : -Z", "a:\n:no key\n");
        string read = (await Kcat(broker, $"-C -t {topic} -o beginning -e -q -K | -f %p,%o,%k,%K,%s,%S,%h\\n")).Output;
        Assert.Equal("0,0,a,1,first,5,one=1,two=\n0,1,b,1,naïve 🙂,11,one=1,two=\n0,2,a,1,,-1,\n0,3,,-1,no key,6,\n", read);
    }

    [Theory, OnEachBroker]
    public async Task Every_codec_passes_through(BrokerKind broker)
    {
        string topic = Bench.Unique("kcat-codecs"), lines = string.Concat(Enumerable.Range(0, 200).Select(i => $"a line that repeats itself {i}\n"));
        foreach (string codec in new[] { "none", "gzip", "snappy", "lz4", "zstd" }) await Kcat(broker, $"-P -t {topic} -z {codec}", lines);
        Assert.Equal(string.Concat(Enumerable.Repeat(lines, 5)), (await Kcat(broker, $"-C -t {topic} -o beginning -e -q")).Output);
    }

    [Theory, OnEachBroker]
    public async Task Finds_offsets_by_time_and_from_the_end(BrokerKind broker)
    {
        string topic = Bench.Unique("kcat-offsets");
        await Kcat(broker, $"-P -t {topic}", "1\n2\n3\n");
        Assert.Equal($"{topic} [0] offset 0", (await Kcat(broker, $"-Q -t {topic}:0:-2")).Output.Trim());
        Assert.Equal($"{topic} [0] offset 3", (await Kcat(broker, $"-Q -t {topic}:0:-1")).Output.Trim());
        Assert.Equal($"{topic} [0] offset 0", (await Kcat(broker, $"-Q -t {topic}:0:1000")).Output.Trim());
        Assert.Equal("3\n", (await Kcat(broker, $"-C -t {topic} -o -1 -e -q")).Output);
        Assert.Equal("1\n2\n3\n", (await Kcat(broker, $"-C -t {topic} -o s@1000 -e -q")).Output);
    }

    [Theory, OnEachBroker]
    public async Task A_group_goes_on_where_it_stopped(BrokerKind broker)
    {
        string topic = Bench.Unique("kcat-group"), group = Bench.Unique("kcat-group");
        await Kcat(broker, $"-P -t {topic}", "1\n2\n3\n");
        Assert.Equal("1\n2\n", (await Kcat(broker, $"-G {group} -c 2 -X auto.offset.reset=earliest -q {topic}")).Output);
        Assert.Equal("3\n", (await Kcat(broker, $"-G {group} -c 1 -X auto.offset.reset=earliest -q {topic}")).Output);
    }

    [Theory, OnEachBroker]
    public async Task Writes_a_transaction(BrokerKind broker)
    {
        string topic = Bench.Unique("kcat-transaction");
        await Kcat(broker, $"-P -t {topic} -X transactional.id={topic}", "1\n2\n3\n");
        Assert.Equal("1\n2\n3\n", (await Kcat(broker, $"-C -t {topic} -o beginning -e -q -X isolation.level=read_committed")).Output);
        Assert.Equal($"{topic} [0] offset 4", (await Kcat(broker, $"-Q -t {topic}:0:-1")).Output.Trim());
    }
}
