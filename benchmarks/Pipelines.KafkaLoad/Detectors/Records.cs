namespace Pipelines.KafkaLoad.Detectors;

/// <summary>The input: 100 bytes with its key.</summary>
[Topic("events")]
public readonly partial record struct Event([Key] long Account, long Amount, Text Note);

/// <summary>The table that events are joined with.</summary>
[Table("accounts")]
public readonly partial record struct Account([Key] long Id, long Level);

/// <summary>An event again.</summary>
[Topic("copies")]
public readonly partial record struct Copy([Key] long Account, long Amount, Text Note);

/// <summary>How many events an account has had.</summary>
[Topic("counts")]
public readonly partial record struct Total([Key] long Account, long Count);

/// <summary>How many events an account has had in a window.</summary>
[Topic("window-counts")]
public readonly partial record struct WindowTotal([Key] long Account, DateTimeOffset From, long Count);

/// <summary>An event with its account's level.</summary>
[Topic("joins")]
public readonly partial record struct Joined([Key] long Account, long Amount, Text Note, long Level);
