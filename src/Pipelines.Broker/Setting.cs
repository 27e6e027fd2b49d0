using System.Globalization;

namespace Pipelines.Broker;

/// <summary>What values a setting has; the numbers are those of DescribeConfigs.</summary>
/// <remarks>Source: KIP-569.</remarks>
public enum SettingType
{
    /// <summary>True or false.</summary>
    Boolean = 1,

    /// <summary>Text.</summary>
    Text = 2,

    /// <summary>A whole number of 32 bits.</summary>
    Int32 = 3,

    /// <summary>A whole number of 64 bits.</summary>
    Int64 = 5,

    /// <summary>A fraction.</summary>
    Double = 6,

    /// <summary>Values with commas between them.</summary>
    List = 7,
}

/// <summary>A setting that topics or groups can have.</summary>
/// <param name="Name">Its name, which is Kafka's.</param>
/// <param name="Type">What values it has.</param>
/// <param name="Default">The value that it has in Kafka when nobody gives one.</param>
/// <param name="Documentation">What it does, in a sentence.</param>
public sealed record Setting(string Name, SettingType Type, string Default, string Documentation)
{
    /// <summary>What the broker's own setting of the same meaning is called; null when there is none.</summary>
    public string? BrokerName { get; init; }

    /// <summary>The least value of a number.</summary>
    public double Least { get; init; } = double.MinValue;

    /// <summary>The greatest value of a number.</summary>
    public double Most { get; init; } = double.MaxValue;

    /// <summary>The values that text or each element of a list may have; empty when any will do.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];

    /// <summary>What is wrong with a value, and what to do about it; null when it is right.</summary>
    public string? FindMistake(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        string start = $"Setting '{Name}' is '{value}', but has to be ";
        return Type switch
        {
            SettingType.Boolean => value is "true" or "false" ? null : $"{start}true or false.",
            SettingType.Int32 => Check(start, int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number), number),
            SettingType.Int64 => Check(start, long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number), number),
            SettingType.Double => Check(start, double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number), number),
            SettingType.List => Split(value).All(IsAllowed) ? null : $"{start}a list of {string.Join(", ", Allowed)}.",
            _ => IsAllowed(value) ? null : $"{start}one of {string.Join(", ", Allowed)}.",
        };
    }

    /// <summary>The elements of a list.</summary>
    public static IReadOnlyList<string> Split(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    private bool IsAllowed(string value) => Allowed.Count == 0 || Allowed.Contains(value, StringComparer.Ordinal);

    private string? Check(string start, bool isNumber, double number)
    {
        if (isNumber && number >= Least && number <= Most) return null;
        string range = (Least > double.MinValue, Most < double.MaxValue) switch
        {
            (true, true) => string.Create(CultureInfo.InvariantCulture, $" from {Least} to {Most}"),
            (true, false) => string.Create(CultureInfo.InvariantCulture, $" of {Least} or more"),
            _ => "",
        };
        return $"{start}a {(Type == SettingType.Double ? "" : "whole ")}number{range}.";
    }
}
