"""Trade credit: customers, applications, policies, limits, stops, orders."""

from credit.models.applications import (
    Application,
    ApplicationMove,
    BankAccount,
    BankMonth,
    CriterionJudgement,
    FinancialStatement,
    Reference,
    Scoring,
)
from credit.models.customers import Agent, Collateral, CreditPaper, Customer, RemoteAddress, RemoteTerms
from credit.models.limits import CreditLimit, CreditStop, FacilityAgreement, Instalment, StopFollowUp
from credit.models.orders import Order, OrderFile, OrderInvoice
from credit.models.policies import CreditPolicy

__all__ = [
    "Agent",
    "Application",
    "ApplicationMove",
    "BankAccount",
    "BankMonth",
    "Collateral",
    "CreditLimit",
    "CreditPaper",
    "CreditPolicy",
    "CreditStop",
    "CriterionJudgement",
    "Customer",
    "FacilityAgreement",
    "FinancialStatement",
    "Instalment",
    "Order",
    "OrderFile",
    "OrderInvoice",
    "Reference",
    "RemoteAddress",
    "RemoteTerms",
    "Scoring",
    "StopFollowUp",
]
