namespace Pipelines.Detectors.Tests.Programs;

[Topic("persons")] public readonly partial record struct Person([Key] long Id, string Name, string State);
[Topic("auctions")] public readonly partial record struct Auction([Key] long Id, long Seller, int Category);
[Topic("local-items")] public readonly partial record struct LocalItem([Key] long Seller, string State, long Auction);

public partial struct Seller
{
    public string? State;
    public long Waiting;
}

/// <summary>Two inputs under one key share a store: an unbounded join, written out.</summary>
[Detector("local-sellers")]
public static partial class LocalSellers
{
    public static void On(in Person person, ref Seller seller, Emit<LocalItem> items)
    {
        if (person.State is not ("OR" or "ID" or "CA")) return;
        seller.State = person.State;
        if (seller.Waiting != 0) items.Send(new(person.Id, person.State, seller.Waiting));
        seller.Waiting = 0;
    }

    public static void On([KeyBy(nameof(Auction.Seller))] in Auction auction, ref Seller seller, Emit<LocalItem> items)
    {
        if (auction.Category != 10) return;
        if (seller.State is { } state) items.Send(new(auction.Seller, state, auction.Id));
        else seller.Waiting = auction.Id;
    }
}

[Topic("account-events")] public readonly partial record struct AccountEvent([Key] Guid Id, long Account, string Branch, long Amount);
[Topic("accounts-by-id")] public readonly partial record struct ByAccount([Key] long Account, string Branch, long Amount);
[Table("balances")] public readonly partial record struct Balance([Key] long Account, [Key] string Branch, long Amount, long Limit);

/// <summary>Re-keyed by account id.</summary>
[Detector("accounts-by-id")]
public static partial class AccountsById
{
    public static void On(in AccountEvent change, Emit<ByAccount> accounts) => accounts.Send(new(change.Account, change.Branch, change.Amount));
}

public sealed record AccountLimits(long Limit);

/// <summary>A table built from a stream of amounts, under a key of two members, with what its constructor was given.</summary>
[Detector("balances", OnError = OnError.Skip)]
public sealed partial class Balances(AccountLimits limits)
{
    public void On([KeyBy(nameof(AccountEvent.Account), nameof(AccountEvent.Branch))] in AccountEvent change, ref long balance, Emit<Balance> balances)
    {
        balance += change.Amount;
        balances.Send(new(change.Account, change.Branch, balance, limits.Limit));
        if (balance < -limits.Limit) throw new InvalidOperationException("Over the limit.");
    }
}
