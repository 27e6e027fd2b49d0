using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace Pipelines.Generators.Wiring;

/// <summary>Names for generated things.</summary>
internal static class Naming
{
    /// <summary><c>text-transformer</c> becomes <c>TextTransformer</c>; never empty, never begins with a digit.</summary>
    public static string Pascal(string name)
    {
        var text = new StringBuilder();
        bool upper = true;
        foreach (char letter in name)
        {
            if (!(letter is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9'))
            {
                upper = true;
                continue;
            }

            text.Append(upper ? char.ToUpperInvariant(letter) : letter);
            upper = false;
        }

        if (text.Length == 0 || text[0] is >= '0' and <= '9') text.Insert(0, '_');
        return text.ToString();
    }

    /// <summary><c>CounterMetric</c> becomes <c>counter-metric</c>.</summary>
    public static string Kebab(string name)
    {
        var text = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            char letter = name[i];
            bool isUpper = char.IsUpper(letter);
            bool begins = isUpper && i > 0 && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (begins && text.Length > 0 && text[text.Length - 1] != '-') text.Append('-');
            if (letter < 128 && char.IsLetterOrDigit(letter)) text.Append(char.ToLowerInvariant(letter));
            else if (letter == '_') text.Append('-');
            else text.Append('u').Append(((int)letter).ToString("x4", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    /// <summary>A field's name: <c>WordTotal</c> becomes <c>wordTotal</c>.</summary>
    public static string Camel(string name)
    {
        string pascal = Pascal(name);
        return pascal[0] == '_' ? pascal : char.ToLowerInvariant(pascal[0]) + pascal.Substring(1);
    }

    /// <summary>A name as C# writes it: a keyword takes an @.</summary>
    public static string Identifier(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    /// <summary>The name, or with the first number that makes it unique.</summary>
    public static string Unique(string name, HashSet<string> taken)
    {
        string candidate = name;
        for (int i = 2; !taken.Add(candidate); i++) candidate = name + Number(i);
        return candidate;
    }

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>FNV-1a, 32 bits, over UTF-8; 0 becomes 1, since 0 means stream time in the changelog.</summary>
    public static uint StoreId(string detector, string store)
    {
        uint hash = 2166136261;
        foreach (byte next in Encoding.UTF8.GetBytes(detector + "/" + store)) hash = unchecked((hash ^ next) * 16777619);
        return hash == 0 ? 1 : hash;
    }
}
