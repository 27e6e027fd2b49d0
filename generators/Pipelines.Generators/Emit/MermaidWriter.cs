using System.Text;
using Pipelines.Generators.Model;
using Pipelines.Generators.Wiring;

namespace Pipelines.Generators.Emit;

/// <summary>Writes the topology as a Mermaid flowchart: topics outside, a box per detector with its handlers and stores.</summary>
internal static class MermaidWriter
{
    public static string Write(TopologyModel topology)
    {
        var text = new StringBuilder("flowchart LR\n");
        List<Edge> edges = topology.Components.SelectMany(TopologyEdges.Of).Distinct().ToList();
        var ids = new Dictionary<EdgeNode, string>();
        foreach (Edge edge in edges)
        {
            Number(edge.From);
            Number(edge.To);
        }

        foreach (KeyValuePair<EdgeNode, string> node in ids)
        {
            if (node.Key.Kind == NodeKind.Topic) text.Append($"    {node.Value}([\"{Escape(node.Key.Name)}\"])\n");
            else if (node.Key.Kind == NodeKind.Internal) text.Append($"    {node.Value}[[\"{Escape(node.Key.Name)}\"]]\n");
        }

        int box = 0;
        foreach (string detector in topology.Components.SelectMany(static component => component.Handlers).Select(static plan => plan.Detector.Name).Distinct().OrderBy(static name => name, StringComparer.Ordinal))
        {
            text.Append($"    subgraph d{Naming.Number(box++)}[\"{Escape(detector)}\"]\n");
            foreach (KeyValuePair<EdgeNode, string> node in ids)
            {
                if (node.Key.Kind == NodeKind.Handler && node.Key.Name.StartsWith(detector + ".", StringComparison.Ordinal) && node.Key.Name.IndexOf('.', detector.Length + 1) < 0)
                    text.Append($"        {node.Value}[\"{Escape(node.Key.Name.Substring(detector.Length + 1))}\"]\n");
                else if (node.Key.Kind == NodeKind.Store && node.Key.Name.StartsWith(detector + "/", StringComparison.Ordinal))
                    text.Append($"        {node.Value}[(\"{Escape(node.Key.Name.Substring(detector.Length + 1))}\")]\n");
            }

            text.Append("    end\n");
        }

        foreach (Edge edge in edges) text.Append($"    {ids[edge.From]} {Arrow(edge)} {ids[edge.To]}\n");
        return text.ToString();

        void Number(EdgeNode node)
        {
            if (!ids.ContainsKey(node)) ids.Add(node, "n" + Naming.Number(ids.Count));
        }
    }

    private static string Arrow(Edge edge) => edge.Kind switch
    {
        "wire" or "repartitions" => $"-- {Escape(edge.Record)} -->",
        "looks-up" => "-.->",
        "keeps" => "---",
        "closes" => "-- closes -->",
        _ => "-->",
    };

    private static string Escape(string text) => text.Replace("&", "&amp;").Replace("\"", "&quot;").Replace("<", "&lt;").Replace(">", "&gt;");
}
