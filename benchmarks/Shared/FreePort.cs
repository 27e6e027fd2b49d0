using System.Net;
using System.Net.Sockets;

namespace Pipelines.Loads;

/// <summary>A port of this machine that nobody has.</summary>
internal static class FreePort
{
    /// <summary>Finds one; Apache Kafka takes the next one too.</summary>
    internal static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
