using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Pipelines.Execution;

/// <summary>Hints to the processor about memory that will be wanted soon.</summary>
internal static class CacheLine
{
    internal const int Bytes = 64;

    /// <summary>Asks for the line that holds a place to be in the cache. Where the processor has no such hint, nothing is done.</summary>
    /// <remarks>The address may be stale when the collector moves the memory meanwhile: a hint for a wrong line does no harm.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void Prefetch<T>(ref T place)
    {
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref place));
    }
}
