using System.Buffers;
using System.Buffers.Binary;
using Pipelines.Broker.Server.Connections;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Soak.Fuzzing;

/// <summary>Gives changed frames to a broker in this process, and looks at everything that comes of it.</summary>
internal sealed class FrameRound(FuzzBroker broker, Words words, FuzzCounts counts, Random random)
{
    private const int Together = 32;
    private const int Kept = 512;
    private const int BytesPerFrame = 16 * 1024;

    /// <summary>The dearest is a structure of two bytes in the frame that has lists of its own in memory.</summary>
    private const int BytesPerByte = 150;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly RequestMaker maker = new(words, random);
    private readonly Mutator mutator = new(random);
    private readonly byte[]?[] requests = new byte[Kept][];
    private readonly List<UnderWay> underWay = [];
    private readonly List<UnderWay> waiting = [];

    private readonly record struct UnderWay(Task<Reply?> Reply, RequestHeader Header, byte[] Frame);

    internal async Task RunAsync(int frames)
    {
        for (int i = 0; i < frames && !broker.Engine.Failed.IsCompleted; i++)
        {
            if (i % 2000 == 0) await broker.PrepareAsync(words);
            int at = random.Next(Kept);
            if (requests[at] is null || random.Next(8) == 0) requests[at] = maker.Next();
            Begin(mutator.Mutate(requests[at]!));
            if (underWay.Count >= Together) await EndAsync();
        }

        await EndAsync();
        BeginLongFetch();
        broker.EndWaits();
        counts.Add("waited until the connection was closed", waiting.Count);
        foreach (UnderWay one in waiting) await EndAsync(one);
        if (broker.Engine.Failed.IsCompleted) counts.Violate("the engine failed", default, await broker.Engine.Failed);
        else await ReopenAsync();
    }

    /// <summary>A fetch that may wait for 24 days, of a client that then goes: it must not be kept.</summary>
    private void BeginLongFetch()
    {
        var request = new FetchRequest { MaxWaitMs = int.MaxValue, MinBytes = int.MaxValue };
        request.Topics.Add(new() { Topic = Words.Topics[0], Partitions = [new() { FetchOffset = broker.Engine.FindOffsets(new(Words.Topics[0], 0))?.HighWatermark ?? 0, PartitionMaxBytes = 1000 }] });
        using var writer = new MessageWriter();
        new RequestHeader(ApiKey.Fetch, 11, 1, "long").Write(writer);
        request.Write(writer, 11);
        Begin(writer.Written.ToArray());
        waiting.AddRange(underWay);
        underWay.Clear();
    }

    private async Task ReopenAsync()
    {
        try
        {
            await broker.ReopenAsync();
        }
        catch (Exception damaged)
        {
            counts.Violate("the log cannot be opened again", default, damaged);
        }
    }

    private void Begin(byte[] bytes)
    {
        var frame = new Frame(bytes.Length);
        frame.Fill(new ReadOnlySequence<byte>(bytes));
        Exchange? exchange = null;
        Connection connection = broker.NextConnection();
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            exchange = Exchange.Read(frame, connection, broker.Services);
        }
        catch (MalformedMessageException)
        {
            counts.Add("malformed");
        }
        catch (UnservedRequestException)
        {
            counts.Add("unserved");
        }
        catch (Exception bug)
        {
            counts.Violate("reading the frame threw", bytes, bug);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        counts.SawAllocation(allocated, bytes.Length);
        if (allocated > BytesPerFrame + ((long)bytes.Length * BytesPerByte)) counts.Violate("reading the frame allocated too much", bytes);
        if (exchange is null) frame.Dispose();
        else underWay.Add(new UnderWay(exchange.RunAsync(), exchange.Header, bytes));
    }

    /// <summary>Takes the answers; those that are allowed to wait may do so to the end of the round.</summary>
    private async Task EndAsync()
    {
        foreach (UnderWay one in underWay)
        {
            if (!one.Reply.IsCompleted && one.Header.ApiKey is ApiKey.Fetch or ApiKey.JoinGroup or ApiKey.SyncGroup) waiting.Add(one);
            else await EndAsync(one);
        }

        underWay.Clear();
        waiting.RemoveAll(one => one.Reply.IsCompleted && Take(one));
    }

    private async Task EndAsync(UnderWay one)
    {
        try
        {
            if (!one.Reply.IsCompleted) await one.Reply.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            counts.Violate($"{one.Header.ApiKey} version {one.Header.ApiVersion} was not answered", one.Frame);
            return;
        }
        catch (Exception)
        {
            // Looked at below.
        }

        Take(one);
    }

    private bool Take(UnderWay one)
    {
        if (one.Reply.IsFaulted)
        {
            counts.Violate($"{one.Header.ApiKey} threw", one.Frame, one.Reply.Exception!.InnerException);
            return true;
        }

        if (one.Reply.IsCanceled || one.Reply.Result is not { } reply)
        {
            counts.Add("without answer");
            return true;
        }

        using (reply) Look(reply, one);
        counts.Add("answered");
        return true;
    }

    /// <summary>Reads the answer as a client would.</summary>
    private void Look(Reply reply, UnderWay one)
    {
        byte[] bytes = new byte[reply.Writer.Length];
        int length = 0;
        foreach (ReadOnlyMemory<byte> segment in reply.Writer.Segments)
        {
            segment.CopyTo(bytes.AsMemory(length));
            length += segment.Length;
        }

        Api api = Api.Of(one.Header.ApiKey);
        short version = api.Served.Contains(one.Header.ApiVersion) ? one.Header.ApiVersion : (short)0;
        IMessage response = api.NewResponse();
        try
        {
            if (BinaryPrimitives.ReadInt32BigEndian(bytes) != bytes.Length - sizeof(int)) throw new MalformedMessageException("The length is wrong.");
            var reader = new MessageReader(bytes.AsMemory(sizeof(int)), isFlexible: false);
            int correlation = ResponseHeader.Read(ref reader, api.Key, version);
            response.Read(ref reader, version);
            if (correlation != one.Header.CorrelationId || reader.Remaining > 0) throw new MalformedMessageException("It answers another request, or is followed by more.");
        }
        catch (Exception unreadable)
        {
            counts.Violate($"the answer to {api.Key} version {version} cannot be read", one.Frame, unreadable);
        }

        counts.AddAnswer(api.Key);
        if (response is JoinGroupResponse { MemberId.Length: > 0 } joined) words.Learn(joined.MemberId);
    }
}
